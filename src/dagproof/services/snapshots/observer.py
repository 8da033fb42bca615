"""Looks at all services of a tenancy, again and again, and remembers what has not changed."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from dagproof.model import DagproofError, Environment, Snapshot, Stored, UnavailableError
from dagproof.services.addresses import METADATA_URL, S3_ENDPOINT, TRACKING_URI
from dagproof.services.snapshots import artifacts, experiments, files, objects, tables
from dagproof.services.snapshots.digests import Digests


class Observer:
    """Takes snapshots of what stands behind one environment.

    What Airflow itself keeps is told from what DAGs put there by being there at the beginning.

    Args:
        environment: of the services alone.
        data_root: the folder where pipelines keep their data, if it is one.
    """

    def __init__(self, environment: Environment, data_root: Path | None = None) -> None:
        self.seconds = 0.0
        self._environment = environment
        self._data_root = data_root
        self._digests = Digests()
        self._own: tables.Own | None = None
        self._bucket = objects.Objects(environment) if environment.get(S3_ENDPOINT) else None

    def begin(self) -> Snapshot:
        """Return what is there before the first run, the tables that are there not counted.

        Raises:
            UnavailableError: a service does not answer.
        """
        url = self._environment.get(METADATA_URL)
        with self._looking():
            self._own = tables.own(url) if url else None
        return self.take()

    def take(self) -> Snapshot:
        """Return what is there now.

        Raises:
            UnavailableError: a service does not answer.
        """
        with self._looking():
            return self._take()

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except DagproofError:
            raise
        except Exception as error:  # each service has exceptions of its own
            reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
            raise UnavailableError(f"What the services hold cannot be read ({reason}).") from error
        finally:
            self.seconds += time.monotonic() - started

    def _take(self) -> Snapshot:
        cut: list[str] = []
        address = self._environment.get(TRACKING_URI, "")
        logged = experiments.Logged()
        if address.startswith(("http://", "https://")):
            logged = experiments.logged(self._environment, cut)
        self._digests.learn(logged.ids)
        stored: list[Stored] = []
        runs = logged.runs
        if self._bucket is not None:
            listed = self._bucket.listed(cut, logged.roots)
            rest, runs = artifacts.apart(listed, logged)
            stored = [self._bucket.described(one, self._digests) for one in rest]
        found = files.below(self._data_root, self._digests, cut) if self._data_root else []
        url = self._environment.get(METADATA_URL)
        states = tables.states(url, self._own, cut) if url and self._own else []
        return Snapshot(
            objects=tuple(sorted(stored, key=lambda one: one.address)),
            files=tuple(sorted(found, key=lambda one: one.address)),
            tables=tuple(sorted(states, key=lambda one: one.name)),
            runs=runs,
            versions=logged.versions,
            cut=tuple(cut),
        )
