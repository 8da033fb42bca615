"""Tries what one DAG promises: its Params, its templates, its callables, its XComs."""

import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from dagproof.airflow_compat.params import Refusal, declared_params, gate
from dagproof.airflow_compat.rendering import Run, is_asset_triggered
from dagproof.airflow_compat.watched_rendering import Renderer
from dagproof.airflow_compat.xcoms import allow_classes_of
from dagproof.contracts.broken import UNPROVED, Broken
from dagproof.contracts.casts import Callables
from dagproof.contracts.confs import conf_strategy
from dagproof.contracts.likely import is_likely
from dagproof.contracts.limits import OutOfTimeError, within
from dagproof.contracts.offences import Offence, offences, told, unreached
from dagproof.contracts.options import Options
from dagproof.contracts.params_hold import broken_params, cases
from dagproof.contracts.promises import broken_promises
from dagproof.contracts.smallest import Conf, smallest

Instance = tuple[Any, int]
"""A task, and the map index of one of its instances."""


_RETURNING: Final = frozenset(
    {
        "PythonOperator", "PythonVirtualenvOperator", "ExternalPythonOperator",
        "_PythonDecoratedOperator", "_PythonVirtualenvDecoratedOperator",
        "_PythonExternalDecoratedOperator",
    }
)  # fmt: skip


class Exploration:
    """Tries one DAG.

    Args:
        dag: as it was imported.
        begin: told the task and the template before it is rendered for the first time.
        options: what is tried.
    """

    def __init__(self, dag: Any, begin: Callable[[str, str], None], options: Options) -> None:
        self._dag = dag
        self._begin = begin
        self._options = options
        self._unproved: list[Broken] = []
        self._told: set[tuple[str, str, str, str]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._callables = Callables(
            self._is_pure,
            options.seconds,
            lambda task_id: self._may_begin(task_id, ""),
            self._say_unproved,
        )
        self._params = declared_params(dag)
        self._answer = gate(dag)
        self._tasks = [task for task in dag.tasks if options.task_id in {"", task.task_id}]
        self.tried = {"confs": 0, "templates": 0, "values": 0}

    def run(self) -> Iterator[Broken]:
        """Yield what does not hold."""
        allow_classes_of(self._dag)
        whole = self._options.conf is None
        if whole and self._may_begin("", ""):
            for one in broken_params(self._dag, self._options.examples, self._options.seed):
                self._told.add((one.task_id, one.offence, one.field, one.field))
                yield one
        runs = list(self._runs())
        self.tried["confs"] = len(runs)
        if runs:
            with Renderer(
                self._dag, self._begin, self._options.seconds, self._skipped()
            ) as renderer:
                yield from self._templates(renderer, runs)
        self.tried["templates"] = len(self._seen)
        if whole:
            yield from self._promises()
        yield from self._unproved

    def _runs(self) -> Iterator[Run]:
        """Yield runs with confs that Airflow accepts, the one without a conf first."""
        tried, found = set(), False
        for conf in self._confs():
            text = json.dumps(conf, sort_keys=True)
            run = None if text in tried else self._run_with(conf)
            tried.add(text)
            if run is not None:
                found = True
                yield run
        if not found and self._options.conf is None and not any(p.required for p in self._params):
            # Nothing is accepted, which is told; the templates may still be tried.
            yield Run({}, {one.name: one.default for one in self._params})

    def _confs(self) -> Iterator[Conf]:
        if self._options.conf is not None:
            yield dict(self._options.conf)
            return
        yield {}
        tried = cases(self._params, self._options.examples, self._options.seed)
        yield from (
            case.conf for case in tried if case.allowed and is_likely(self._params, case.conf)
        )

    def _run_with(self, conf: Conf) -> Run | None:
        try:
            with within(self._options.seconds):
                answer = self._answer(conf)
        except OutOfTimeError:
            return None  # it is told of the Params
        if not isinstance(answer, Refusal):
            return Run(conf, answer)
        if self._options.conf is not None:
            self._say_unproved("", f"this conf is refused: {answer.reason}", None)
        return None

    def _templates(self, renderer: Renderer, runs: Sequence[Run]) -> Iterator[Broken]:
        instances = [(task, index) for task in self._tasks for index in renderer.instances(task)]
        dependent = []
        for instance in instances:
            found, depends = self._offences(renderer, instance, runs[0])
            for one in found:
                yield from self._tell(instance[0], one, runs[0].conf if one.depends else None)
            if depends:
                dependent.append(instance)
        if is_asset_triggered(self._dag):
            yield from self._dateless(renderer, instances, runs[0])
        for run in runs[1:]:
            for instance in dependent:
                for one in self._offences(renderer, instance, run)[0]:
                    if (instance[0].task_id, *one.key) not in self._told:
                        yield from self._shrunk(renderer, instance, one, run)

    def _offences(
        self, renderer: Renderer, instance: Instance, run: Run
    ) -> tuple[list[Offence], bool]:
        """Return what is wrong with a task instance, and whether another conf may matter to it."""
        task, index = instance
        rendered = renderer.render(task, run, index)
        found = offences(self._dag, rendered, task, self._callables)
        new = {(task.task_id, one.source) for one in rendered.outcomes} - self._seen
        if new:
            self._seen |= new
            found += unreached(renderer, self._dag, task, rendered)
        return found, any(one.depends for one in rendered.outcomes)

    def _dateless(
        self, renderer: Renderer, instances: Sequence[Instance], run: Run
    ) -> Iterator[Broken]:
        """Yield what is wrong in a run that an asset triggers: it has no logical date."""
        for instance in instances:
            for one in self._offences(renderer, instance, replace(run, logical_date=None))[0]:
                what = f"{one.what} in a run that an asset triggers, which has no logical date"
                yield from self._tell(instance[0], replace(one, what=what), None)

    def _shrunk(
        self, renderer: Renderer, instance: Instance, offence: Offence, run: Run
    ) -> Iterator[Broken]:
        """Yield an offence with the smallest conf that leads to it."""

        def again(conf: Conf) -> Offence | None:
            other = self._run_with(conf) if is_likely(self._params, conf) else None
            if other is None:
                return None
            found, _ = self._offences(renderer, instance, other)
            return next((one for one in found if one.key == offence.key), None)

        conf = smallest(dict(run.conf), lambda one: again(one) is not None, self._strategy)
        yield from self._tell(instance[0], again(conf) or offence, conf)

    def _strategy(self, names: Sequence[str]) -> Any:
        chosen = [one for one in self._params if one.name in names]
        if len(chosen) != len(names):
            return None
        try:
            return conf_strategy(chosen)
        except Exception:  # noqa: BLE001 - it is told of the Params
            return None

    def _tell(
        self, task: Any, offence: Offence, conf: Mapping[str, object] | None
    ) -> Iterator[Broken]:
        key = (task.task_id, *offence.key)
        if key not in self._told:
            self._told.add(key)
            yield told(self._dag.dag_id, task, offence, conf)

    def _promises(self) -> Iterator[Broken]:
        """Yield what tasks promise to XCom and do not keep."""
        examples = self._options.xcoms or {}
        for task in self._tasks:
            function = _returning(task)
            pushes = function is not None and getattr(task, "do_xcom_push", True) is not False
            if pushes and self._may_begin(task.task_id, ""):
                yield from broken_promises(
                    self._dag.dag_id,
                    task.task_id,
                    function,
                    examples=examples.get(f"{self._dag.dag_id}.{task.task_id}", ()),
                    multiple_outputs=bool(getattr(task, "multiple_outputs", False)),
                    budget=self._options.stored,
                    tries=self._options.examples,
                    on_value=self._count_value,
                )

    def _count_value(self, _: object) -> None:
        self.tried["values"] += 1

    def _is_pure(self, task_id: str) -> bool:
        name = f"{self._dag.dag_id}.{task_id}"
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self._options.pure)

    def _say_unproved(self, task_id: str, what: str, place: tuple[str, int] | None) -> None:
        of = f"task `{task_id}`" if task_id else f"DAG `{self._dag.dag_id}`"
        self._unproved.append(
            Broken(UNPROVED, f"Of {of}, {what}", self._dag.dag_id, task_id, place=place)
        )

    def _may_begin(self, task_id: str, source: str) -> bool:
        """Say that something begins; return False where it ended the process before."""
        if (task_id, source) in self._skipped():
            return False
        self._begin(task_id, source)
        return True

    def _skipped(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (task_id, source)
            for dag_id, task_id, source in self._options.skipped
            if dag_id == self._dag.dag_id
        )


def _returning(task: Any) -> Any:
    """Return the callable whose return value is the task's XCom; None where there is none.

    What a `@task.bash` or a `@task.sensor` returns is something else.
    """
    operator = getattr(task, "operator_class", None) or type(task)
    if getattr(operator, "__name__", "") not in _RETURNING:
        return None
    function = getattr(task, "python_callable", None)
    if function is None:
        function = getattr(task, "partial_kwargs", {}).get("python_callable")
    return function if callable(function) else None
