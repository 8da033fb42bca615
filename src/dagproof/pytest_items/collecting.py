"""The hooks by which pytest comes across DAG files, and only those that `--dagproof` needs."""

import fnmatch
import os
import zlib
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from dagproof.airflow_compat.home import scratch_home
from dagproof.commands.compiled import compiled_once
from dagproof.config import load_settings
from dagproof.model import UsageError
from dagproof.pytest_items.dag_files import DagFiles, check_settings, find_dag_files
from dagproof.pytest_items.evidence import Evidence
from dagproof.pytest_items.nodes import (
    MARK,
    REPOSITORY_ID,
    DagFile,
    DagPackage,
    Proof,
    Repository,
    proof,
)
from dagproof.pytest_items.questions import OF_REPOSITORY

_EXAMPLES: Final = {"dagproof": 25, "dagproof-ci": 100}
"""Confs and values that are generated, by the profiles of Hypothesis that `testing` registers."""

_SHARED: Final = "dagproof_shared"
"""What the controller of xdist tells its workers."""


def install(config: pytest.Config) -> None:
    """Collect DAG files in this session.

    Raises:
        pytest.UsageError: the settings are wrong, or there is no dags folder.
    """
    try:
        settings = load_settings(config.rootpath)
        with compiled_once():
            check_settings(settings)
            files = find_dag_files(settings)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    config.addinivalue_line("markers", f"{MARK}: an item of a DAG file, by `pytest --dagproof`")
    evidence = Evidence(settings, examples=_examples(config), seed=_seed(config))
    config.stash[proof] = Proof(evidence, config.invocation_params.dir, files.files)
    config.pluginmanager.register(Collecting(config, files, evidence), "dagproof-items")


def _examples(config: pytest.Config) -> int | None:
    """Return how many confs and values are generated; None for as many as usual."""
    return _EXAMPLES.get(config.getoption("hypothesis_profile", None))


def _seed(config: pytest.Config) -> int:
    """Return the seed that Hypothesis is given, which may be any word."""
    asked = str(config.getoption("hypothesis_seed", None) or 0)
    try:
        return int(asked)
    except ValueError:
        return zlib.crc32(asked.encode())


@dataclass(slots=True)
class _Asked:
    """What the command line asks for.

    Attributes:
        places: what it names, or where pytest begins without names.
        added: dags folders that nobody named.
        questions: about the repository, that are named.
    """

    places: list[Path] = field(default_factory=list)
    added: list[Path] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def _asked(config: pytest.Config, folders: Sequence[Path]) -> _Asked:
    """Read the arguments, and change them to what pytest itself understands."""
    asked = _Asked()
    rest = []
    for argument in config.args:
        if argument == REPOSITORY_ID or argument.startswith(f"{REPOSITORY_ID}::"):
            _, _, question = argument.removeprefix(REPOSITORY_ID).partition("::")
            asked.questions += [question] if question else OF_REPOSITORY
        else:
            rest.append(argument)
            place = config.invocation_params.dir / argument.partition("::")[0]
            asked.places.append(Path(os.path.realpath(place)))
    if unknown := set(asked.questions).difference(OF_REPOSITORY):
        known = ", ".join(OF_REPOSITORY)
        raise pytest.UsageError(f"{REPOSITORY_ID}::{min(unknown)} is none of {known}.")
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        asked.added = [folder for folder in folders if not _covers(asked.places, folder)]
    config.args[:] = [*rest, *map(str, asked.added)]
    return asked


def _covers(places: Sequence[Path], path: Path) -> bool:
    return any(place == path or place in path.parents for place in places)


class Collecting:
    """A plugin of the session.

    Args:
        config: of pytest.
        files: the DAG files.
        evidence: what the items ask.
    """

    def __init__(self, config: pytest.Config, files: DagFiles, evidence: Evidence) -> None:
        self._config = config
        self._files = files
        self._evidence = evidence
        self._asked = _asked(config, files.folders)
        given = getattr(config, "workerinput", {}).get(_SHARED)
        if given and Path(given).is_dir():  # another machine has no such folder
            evidence.shared = Path(given)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give all workers of xdist one folder."""
        if self._evidence.shared is None:
            cleanup = ExitStack()
            self._config.add_cleanup(cleanup.close)
            # A folder of this kind also goes when its owner is killed.
            self._evidence.shared = cleanup.enter_context(scratch_home())
        node.workerinput[_SHARED] = str(self._evidence.shared)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Remember the environment as it is before test modules are imported."""
        self._evidence.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
        }

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path, config: pytest.Config) -> bool | None:
        """Go into folders with DAG files, also into those named as `norecursedirs` has them."""
        if not self._leads(collection_path):
            return None
        patterns = config.getini("norecursedirs")
        if not any(map(collection_path.match, patterns)):
            return None
        here = config.invocation_params.dir
        ignored = [*(config.getoption("ignore") or ()), *(config.getoption("ignore_glob") or ())]
        matches = (fnmatch.fnmatch(str(collection_path), str(here / one)) for one in ignored)
        return None if any(matches) else False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Keep pytest from importing the `__init__.py` above a DAG file."""
        if self._leads(path) and (path / "__init__.py").is_file():
            return DagPackage.from_parent(parent, path=path)
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Ask of a DAG file what is to be asked, and never take it for a test module."""
        collected = yield
        is_dag_file = self._files.holds(file_path)
        if not is_dag_file and not self._is_added(file_path):
            return collected
        others = [one for one in collected if not isinstance(one, pytest.Module)]
        owner = self._files.take(file_path) if is_dag_file else None
        if owner is None:
            return others
        return [DagFile.from_parent(parent, path=file_path, owner=owner), *others]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Ask of the whole repository after everything else."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            names = self._about_the_repository()
            if names:
                report.result = [*report.result, Repository.from_parent(collector, names=names)]
        return report

    def _about_the_repository(self) -> Sequence[str]:
        places = [*self._asked.places, *self._asked.added]
        if self._files.folders and all(_covers(places, one) for one in self._files.folders):
            return OF_REPOSITORY
        return [name for name in OF_REPOSITORY if name in self._asked.questions]

    def _is_added(self, path: Path) -> bool:
        return bool(self._asked.added) and _covers(self._asked.added, Path(os.path.realpath(path)))

    def _leads(self, path: Path) -> bool:
        return os.path.realpath(path) in self._files.leading
