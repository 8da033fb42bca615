"""Answers what sensors wait for, once and within seconds: a model version, an alias, fresh data."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from mlops import storage
from mlops.failures import PermanentError
from mlops.mlflow_session import ask

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class VersionAwaited:
    """A version of a registered model that is there and READY.

    Attributes:
        address: of the MLflow to ask.
        name: the registered model.
        version: its number as text, or None for whichever is the latest.
    """

    address: str
    name: str
    version: str | None = None

    def __str__(self) -> str:
        """Name it."""
        return f"version {self.version} of `{self.name}`" if self.version else f"`{self.name}`"

    def look(self) -> dict[str, Any] | None:
        """Return `name`, `version` and `run_id`, or None while it is not there.

        Raises:
            mlops.mlflow_session.TrackingError: MLflow does not answer.
        """
        versions = ask(self.address, self._versions)
        ready = [one for one in versions if str(one.status).endswith("READY")]
        return _told(ready[0]) if ready else None

    def _versions(self, client: "MlflowClient") -> "list[ModelVersion]":
        if self.version is None:
            from mlops.tracking import quoted

            by_name = f"name = {quoted(self.name)}"
            return list(
                client.search_model_versions(
                    by_name, max_results=10, order_by=["version_number DESC"]
                )
            )
        version = self.version
        found = _unless_unknown(lambda: client.get_model_version(self.name, version))
        return [found] if found else []


@dataclass(frozen=True, slots=True)
class AliasAwaited:
    """An alias that names a version, or one version in particular.

    Attributes:
        address: of the MLflow to ask.
        name: the registered model.
        alias: such as `champion`.
        version: the version that it must name, as text; None for any.
    """

    address: str
    name: str
    alias: str
    version: str | None = None

    def __str__(self) -> str:
        """Name it."""
        which = f" for version {self.version}" if self.version else ""
        return f"alias `{self.alias}` of `{self.name}`{which}"

    def look(self) -> dict[str, Any] | None:
        """Return `name`, `version` and `run_id`, or None while it is not so.

        Raises:
            mlops.mlflow_session.TrackingError: MLflow does not answer.
        """
        found = ask(
            self.address,
            lambda client: _unless_unknown(
                lambda: client.get_model_version_by_alias(self.name, self.alias)
            ),
        )
        if found is None or self.version not in (None, str(found.version)):
            return None
        return _told(found)


@dataclass(frozen=True, slots=True)
class DataAwaited:
    """A file that is there, or was written after a moment.

    Attributes:
        uri: its address, `file://` or `s3://`.
        newer_than: seconds since 1970; None where it need only be there.
    """

    uri: str
    newer_than: float | None = None

    def __str__(self) -> str:
        """Name it."""
        if self.newer_than is None:
            return self.uri
        return f"{self.uri} newer than {_moment(self.newer_than)}"

    def look(self) -> dict[str, Any] | None:
        """Return `uri` and `modified` (ISO 8601, UTC), or None while it is not so.

        Raises:
            mlops.storage.StorageError: the store does not answer.
        """
        modified = storage.modified(self.uri)
        if modified is None or (self.newer_than is not None and modified <= self.newer_than):
            return None
        return {"uri": self.uri, "modified": _moment(modified)}


Awaited = VersionAwaited | AliasAwaited | DataAwaited


def version_number(told: object) -> str | None:
    """Return a version as MLflow's registry spells it; nothing at all, for None and empty text.

    Raises:
        PermanentError: it is no version.
    """
    text = "" if told is None else str(told).strip()
    if text in ("", "None"):
        return None
    if not re.fullmatch(r"[1-9]\d*", text):
        raise PermanentError(f"`{text}` is no version of a model; give a number from 1 on.")
    return text


def seconds(told: object) -> float | None:
    """Return a moment (a datetime, or ISO 8601 as text) in seconds since 1970; None for none.

    Without a time zone it is UTC.

    Raises:
        PermanentError: it is no moment.
    """
    if told is None or told in ("", "None"):
        return None
    try:
        moment = told if isinstance(told, datetime) else datetime.fromisoformat(str(told).strip())
    except ValueError as error:
        raise PermanentError(
            f"`{told}` is no moment; write it as in 2024-02-29T06:30:00+00:00."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _told(version: "ModelVersion") -> dict[str, Any]:
    return {"name": version.name, "version": str(version.version), "run_id": version.run_id or None}


def _moment(stamp: float) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat()


def _unless_unknown(ask: Callable[[], _T]) -> _T | None:
    """Return None where the registry knows no such model, version or alias."""
    from mlflow import MlflowException

    try:
        return ask()
    except MlflowException as error:
        # An unknown model or version is the first, an unknown alias the second.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
