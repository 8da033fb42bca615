"""What the audit's processes tell each other: plain data that crosses processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dagproof.import_audit.conditions import Conditions


class Mode(StrEnum):
    """How a file is imported.

    Attributes:
        PLAIN: as Airflow does.
        ALONE: the same, in a process that has imported nothing else.
        ONWARD: past what was refused, to see what comes after it.
        STEPWISE: with a look at the process after every line.
        EXPLORE: as Airflow does, and then its DAGs are handed to the explorer.
    """

    PLAIN = "plain"
    ALONE = "alone"
    ONWARD = "onward"
    STEPWISE = "stepwise"
    EXPLORE = "explore"


@dataclass(frozen=True, slots=True)
class Job:
    """One import of one file.

    Attributes:
        number: of the file, among all of them.
        path: absolute.
        bundle: the absolute dags folder that it belongs to.
        mode: how it is imported.
        look_for: names of state that is looked at after every line.
        compared: whether its DAGs are to be compared with those of another import.
        skipped: what the explorer is to leave out, as it ended the process before.
    """

    number: int
    path: str
    bundle: str
    mode: Mode = Mode.PLAIN
    look_for: tuple[str, ...] = ()
    compared: bool = True
    skipped: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Explorer:
    """What is done with the DAGs of a file that was imported.

    Attributes:
        function: its dotted name; called with the DAGs, a function that takes records, the options,
            and what is to be left out. A function `warm_up` beside it is called before children are
            forked.
        options: plain data for it.
        seconds: that it may take for a file.
    """

    function: str
    options: Mapping[str, object]
    seconds: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for all files.

    Attributes:
        roots: absolute folders whose code is the user's own.
        paths: absolute folders on `sys.path`, beside the dags folder.
        scratch: an absolute folder that imports may write to.
        home: the scratch `AIRFLOW_HOME`.
        directory: the user's working directory.
        allow: what is let through.
        timeout: wall-clock seconds for each file.
        memory: bytes that a file may take, above what Airflow takes.
        bytecode: folder that Python is told to keep bytecode in; empty for beside the sources.
        conditions: of this process.
        explorer: what is done with DAGs, if anything.
        hidden: absolute folders that differ between two audits of the same files, each with the
            words that stand for it in what is told of DAGs.
    """

    roots: tuple[str, ...]
    paths: tuple[str, ...]
    scratch: str
    home: str
    directory: str
    allow: tuple[str, ...]
    timeout: float
    memory: int
    bytecode: str
    conditions: Conditions
    explorer: Explorer | None = None
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Folders:
    """Asks for the files that Airflow imports from dags folders, given by absolute paths."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        modules: names of Airflow's modules that files import: loaded once, as Airflow does.
        workers: how many files are imported at a time.
    """

    modules: tuple[str, ...]
    workers: int


@dataclass(slots=True)
class Outcome:
    """What became of a job.

    Attributes:
        job: what was asked.
        effects: records of the board, in order.
        result: what the child said last; empty where it could not say anything.
        ending: how the process ended, where it did not say anything; `timeout` when it was killed.
        stack: what Python wrote about a crash or a hang.
        places: the last line of the repository that was seen to run.
        what: which call ended the process, where it said so before.
        fresh: whether its process had imported nothing before.
        leaks: state, each with the place after which it was changed.
        explored: what the explorer said, in order.
    """

    job: Job
    effects: list[dict[str, Any]] = field(default_factory=list)
    result: Mapping[str, Any] = field(default_factory=dict)
    ending: str = ""
    stack: str = ""
    places: list[Any] = field(default_factory=list)
    what: str = ""
    fresh: bool = True
    leaks: list[tuple[str, list[Any]]] = field(default_factory=list)
    explored: list[dict[str, Any]] = field(default_factory=list)

    def add(self, record: dict[str, Any]) -> None:
        """Add a record of the board; one that makes no sense is left out."""
        match record:
            case {"result": dict(result)}:
                self.result = result
            case {"ending": str(what), "places": list(places)}:
                self.what, self.places = what, places
            case {"line": list(places)}:
                self.places = places
            case {"explored": dict(told)}:
                self.explored.append(told)
            case {"leak": str(name), "places": list(places)}:
                self.leaks.append((name, places))
            case {"effect": str(), "kind": str(), "places": list()}:
                self.effects.append(record)

    @property
    def is_doubtful(self) -> bool:
        """Whether another file that the process imported before may be to blame."""
        errors = self.result.get("errors", ())
        return bool(self.ending) or any(
            error["type"] not in _CERTAIN and not error["caused"] for error in errors
        )


_CERTAIN = frozenset({"ModuleNotFoundError", "SyntaxError", "IndentationError", "TabError"})
"""Errors that a file has by itself."""
