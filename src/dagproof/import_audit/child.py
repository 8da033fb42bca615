"""The life of a child: import one file after the other, watched, and write down what it did."""

import contextlib
import faulthandler
import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from importlib.machinery import SourceFileLoader
from types import FrameType, ModuleType
from typing import Any, Final, NoReturn

from dagproof.airflow_compat import metadata, parsing
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.import_audit import onward, state, stepwise
from dagproof.import_audit.board import Board
from dagproof.import_audit.conditions import under
from dagproof.import_audit.costs import ImportClock
from dagproof.import_audit.events import Events
from dagproof.import_audit.frames import STARTED, Place, Repository, library_folders, way
from dagproof.import_audit.orders import Job, Mode, Surroundings
from dagproof.import_audit.outcome_of_file import places_of, results
from dagproof.import_audit.own_modules import OwnModules
from dagproof.import_audit.patches import Patches
from dagproof.import_audit.refusals import allowed
from dagproof.import_audit.shape_records import Shapes
from dagproof.import_audit.stand_ins import StandIns
from dagproof.import_audit.watch import Watch
from dagproof.model import Kind

_MOST_FILES: Final = 400
_MOST_GROWTH: Final = 512 * 2**20
"""Files that a child imports before another takes its place, and bytes that it may grow by."""

_COLLECTOR: Final = (20_000, 20, 50)
"""Thresholds of the garbage collector: DAGs are cycles, and libraries are many objects."""

_RANDOM: Final = ("random", "numpy.random")
"""State that changes by being used; whether it was seeded shows beside another import."""

SAY_WHERE: Final = signal.SIGRTMIN + 7 if hasattr(signal, "SIGRTMIN") else signal.SIGUSR1
"""Has a child write down where it is, whatever it does: Python code need not run for that."""

_KERNEL: Final = ("Operation not permitted", "Permission denied", "Connection refused")
"""What the kernel's refusals read like, in whatever exception native code makes of them."""

_LAST_MOMENT: Final = 0.3
"""Seconds that threads of a file get to do what they do."""


class Child:
    """Imports files in this process.

    Args:
        board: where everything is written down.
        surroundings: what holds for all files.
        report: descriptor that Python writes stacks to when it crashes or hangs.
    """

    def __init__(self, board: Board, surroundings: Surroundings, report: int) -> None:
        self._board = board
        self._surroundings = surroundings
        self._report = report
        libraries = library_folders()
        self._repository = Repository(surroundings.roots, libraries)
        events = Events(surroundings, libraries)
        self._watch = Watch(board, self._repository, events, allowed(surroundings.allow))
        self._stand_ins = StandIns(self._watch)
        self._own = OwnModules(self._repository)
        self._clock = ImportClock(self._own.owns, self._around_library, self._stand_ins.loaded)
        self._baseline: state.State = {}
        self._after: state.State = {}
        self._before: state.State = {}
        self._made: dict[int, tuple[Any, list[Place]]] = {}
        self._tasks: dict[int, tuple[Any, list[Place]]] = {}
        self._module = ""
        self._patches = Patches()
        self._size = _largest()
        self._files = 0

    def live(self, receive: Callable[[], Job | None], done: Callable[[], None]) -> NoReturn:
        """Import what comes until nothing does, and end the process."""
        leave = os._exit
        try:
            with under(self._surroundings.conditions):
                self._prepare()
                while (job := receive()) is not None:
                    self._import(job)
                    done()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the file has done it
            what = f"it left Python in a state in which nothing works: {type(error).__name__}"
            self._watch.last_words(f"{what}: {parsing.said(error)}", None)
        finally:
            leave(0)

    def _prepare(self) -> None:
        gc.set_threshold(*_COLLECTOR)
        gc.enable()
        sys.unraisablehook = _keep_silent  # showing one would read the sources
        _limit_memory(self._surroundings.memory)
        faulthandler.enable(self._report)
        faulthandler.register(SAY_WHERE, self._report, all_threads=False)
        parsing.on_dag_made(self._dag_made)
        if self._surroundings.explorer is not None:
            parsing.on_task_made(self._task_made)
        metadata.answer_metadata(self._asked, self._stand_in)
        self._stand_ins.install()
        self._clock.start()
        self._watch.start()

    def _import(self, job: Job) -> None:
        self._files += 1
        self._watch.forget()
        self._made.clear()
        self._tasks.clear()
        self._own.forget()
        self._board.clear()
        self._module = ""
        if job.bundle not in sys.path:
            sys.path.append(job.bundle)
        loaded, environ, path = sys.modules.copy(), _environment().copy(), list(sys.path)
        self._baseline = self._after = {}
        begun = time.process_time()
        parsed = parsing.Parser(job.bundle, lambda *made: self._run(job, *made)).parse(job.path)
        spent = time.process_time() - begun
        after = self._after
        changed = state.changes(self._baseline, after)
        libraries, costs = self._clock.costs(self._module)
        self._tell_of_the_kernel(parsed)
        result = results(self._repository, parsed, self._made, interfered=self._watch.interfered)
        result["seconds"] = max(0.0, spent - self._clock.libraries_seconds) + libraries
        result["modules"] = [
            [
                cost.name,
                cost.seconds,
                cost.own,
                cost.chain,
                cost.line,
                self._own.file_of(cost.chain),
            ]
            for cost in costs
        ]
        result["leaks"] = [[name, state.described(name, self._baseline, after)] for name in changed]
        result["gone"] = not os.path.isfile(job.path)  # noqa: PTH113 - as text
        result["random"] = [after.get(name) for name in _RANDOM]
        if job.mode is not Mode.EXPLORE:
            shapes = Shapes(self._surroundings, job.mode)
            result["dags"] = parsing.all_serialized(
                parsed.dags,
                validated=not self._surroundings.conditions.later,
                wanted=job.compared,
                also=shapes.add,
            )
            result["shapes"] = shapes.records
        new = sys.modules.keys() - loaded.keys()
        stained = (
            state.MODULES in after
            or not set(changed) <= set(_RANDOM)
            or Kind.THREAD in self._watch.kinds
        )
        grown = _largest() - self._size > _MOST_GROWTH
        ended = grown or self._files >= _MOST_FILES or job.mode in {Mode.ONWARD, Mode.STEPWISE}
        result["retire"] = stained or ended or self._may_have_patched(job, new)
        if job.mode is Mode.EXPLORE:
            self._explore(job, parsed, result)
        self._board.append({"result": result})
        self._board.finish()
        self._clean_up(new, environ, path)

    def _run(self, job: Job, module: ModuleType, loader: SourceFileLoader) -> None:
        self._module = module.__name__
        self._own.forget(self._module)
        self._clock.enter(module.__name__)
        kept = state.Kept()
        self._baseline = state.snapshot()
        with contextlib.ExitStack() as stack:
            if job.mode is Mode.ONWARD:
                onward.go_on(self._watch, self._repository)
            if job.mode is Mode.STEPWISE:
                stack.enter_context(
                    stepwise.looking(self._board, self._repository, job.look_for, self._given)
                )
            try:
                loader.exec_module(module)
            finally:
                replaced = kept.put_back()
                self._wait_for_threads()
                self._after = {**state.snapshot(), **dict.fromkeys(replaced)}
                self._clock.leave()

    def _explore(self, job: Job, parsed: parsing.ParsedFile, result: dict[str, Any]) -> None:
        """Hand the DAGs to the explorer; what the import gave is written down before."""
        explorer = self._surroundings.explorer
        if explorer is None:
            return
        result["tasks"] = [
            [str(task.dag.dag_id), str(task.task_id), places]
            for task, places in self._tasks.values()
            if getattr(task, "dag", None) is not None
        ]
        self._board.append({"result": result})
        self._board.explore()
        module, _, function = explorer.function.rpartition(".")
        explore = getattr(sys.modules[module], function)
        explore(parsed.dags, self._note_explored, explorer.options, job.skipped)

    def _note_explored(self, record: dict[str, Any]) -> None:
        self._board.append({"explored": record})

    def _clean_up(
        self, new: AbstractSet[str], environ: dict[bytes, bytes], path: list[str]
    ) -> None:
        """Leave only libraries loaded, so that the next file finds what a first one would."""
        for name in new:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file is None or self._repository.owns(file) or name == self._module:
                sys.modules.pop(name, None)
        self._clock.forget_own()
        sys.path[:] = path
        if _environment() != environ:
            os.environ.clear()
            os.environ.update({os.fsdecode(name): os.fsdecode(environ[name]) for name in environ})

    def _tell_of_the_kernel(self, parsed: parsing.ParsedFile) -> None:
        """Write down errors by which native code was kept from something that no hook saw."""
        for failed in parsed.errors:
            if failed.error is not None and self._is_the_kernels(failed.error):
                places = places_of(failed.error, self._repository)
                detail = parsing.said(failed.error).partition("\n")[0]
                self._watch.note_native("native code", detail, places)

    def _is_the_kernels(self, error: BaseException) -> bool:
        """Say whether an error reads as if the kernel had refused something."""
        if self._watch.interfered or isinstance(error, ImportError | SyntaxError):
            return False
        reads = Kind.FILESYSTEM_READ in self._watch.kinds and isinstance(error, PermissionError)
        return not reads and any(words in parsing.said(error) for words in _KERNEL)

    def _may_have_patched(self, job: Job, new: AbstractSet[str]) -> bool:
        """Say whether the file, or a module of the repository below it, changed a library."""
        files = [getattr(sys.modules.get(name), "__file__", None) for name in new]
        own = [file for file in files if isinstance(file, str) and self._repository.owns(file)]
        return any(self._patches.may_be_in(file) for file in dict.fromkeys([job.path, *own]))

    def _wait_for_threads(self) -> None:
        deadline = time.monotonic() + _LAST_MOMENT
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and id(thread) in STARTED:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _around_library(self, *, beginning: bool) -> None:
        """Take as given what a library changes while it is imported."""
        if beginning:
            self._before = state.snapshot()
        else:
            self._baseline = state.forgive(self._baseline, self._before, state.snapshot())

    def _given(self) -> state.State:
        return self._baseline

    def _dag_made(self, dag: Any, frame: FrameType) -> None:
        self._made[id(dag)] = (dag, list(way(frame, self._repository).places))

    def _task_made(self, task: Any, frame: FrameType) -> None:
        self._tasks[id(task)] = (task, list(way(frame, self._repository).places))

    def _asked(self, label: str, key: str, frame: FrameType) -> None:
        self._watch.note(label, Kind.AIRFLOW_METADATA, key, frame)

    def _stand_in(self, name: str) -> StandIn:
        self._watch.stood_in += 1
        return StandIn(name)


def _keep_silent(_: object) -> None:
    """Say nothing of what cannot be raised."""


def _environment() -> dict[bytes, bytes]:
    """Return the environment as it is kept, which is compared without decoding it."""
    data: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001
    return data


def _largest() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_memory(spare: int) -> None:
    """Limit what a file may take beside what is there already."""
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123 - small
            pages = int(status.read().split()[5])
        most = pages * resource.getpagesize() + spare
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
