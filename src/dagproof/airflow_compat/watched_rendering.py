"""Renders tasks with an eye on every template: what it gave, what it printed, why it failed."""

import contextlib
import copy
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self
from unittest import mock

from dagproof.airflow_compat import expansion
from dagproof.airflow_compat.alarms import EndlessTemplateError, alarms, limited
from dagproof.airflow_compat.conf_mentions import mentions_conf
from dagproof.airflow_compat.offline import offline
from dagproof.airflow_compat.rendered import Outcome, RenderedTask
from dagproof.airflow_compat.rendering import Answers, Run, instance


class Renderer:
    """Renders the tasks of one DAG, again and again; each template is compiled once.

    Use it in a `with` statement, in the main thread. `names` are those that the templates of the
    task rendered last could use.

    Args:
        dag: as it was imported.
        begin: told the task and the template before it is compiled or rendered.
        seconds: that one template may take.
        skipped: templates that are not rendered, by task id and source.
    """

    def __init__(
        self,
        dag: Any,
        begin: Callable[[str, str], None] = lambda _task, _source: None,
        seconds: float = 2.0,
        skipped: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self._dag = dag
        self._begin = begin
        self._seconds = seconds
        self._skipped = skipped
        self._answers = Answers()
        self._stack = ExitStack()
        self._environments: dict[object, Any] = {}
        self._compiled: dict[tuple[int, bool, str], Any] = {}
        self._dependent: dict[str, bool] = {}
        self._steady: dict[tuple[str, int, bool, str], Outcome] = {}
        self._params: tuple[Run, Any] | None = None
        self._own_params: dict[str, bool] = {}
        self._begun = ("", "")
        self._outcomes: list[Outcome] = []
        self._now: Outcome | None = None
        self._task = ("", -1)
        self._run = Run()
        self._native = False
        self.names: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        from airflow.sdk.definitions._internal.templater import Templater
        from airflow.sdk.execution_time import task_runner

        enter = self._stack.enter_context
        enter(offline(self._answers))
        enter(alarms())
        enter(mock.patch.object(Templater, "_render", self._rendering(Templater._render)))  # noqa: SLF001
        enter(mock.patch.object(task_runner, "process_params", self._remembered_params()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def instances(self, task: Any) -> range:
        """Return the map indexes to look at: -1 alone for a task that is not expanded."""
        return expansion.instances(task)

    def render(self, task: Any, run: Run, map_index: int = -1) -> RenderedTask:
        """Render the templates of one task instance; one that fails does not keep the others."""
        self._outcomes = []
        self._task = (task.task_id, map_index)
        self._run = run
        self._answers.xcoms = {**expansion.lists_to_expand(task, self._answers), **run.xcoms}
        self._answers.forget()
        context: Any = {}
        error: BaseException | None = None
        try:
            made = instance(task, run, map_index)
            context = made.get_template_context()
            self.names = frozenset((*context, *self._environment(task).globals))
            made.task.render_template_fields(context, self._environment(task))
        except (Exception, SystemExit) as raised:  # noqa: BLE001 - operators may do anything
            error = raised
        rendered = context.get("task")
        return RenderedTask(
            None if rendered is task else rendered,
            tuple(self._outcomes),
            error,
            unknown=bool(self._answers.unknown) or any(one.error for one in self._outcomes),
        )

    def parsed(self, task: Any, source: str) -> Any:
        """Return a template as Jinja reads it; None where it cannot, or names may be missing."""
        from jinja2 import StrictUndefined, TemplateSyntaxError

        environment = self._environment(task)
        if not issubclass(environment.undefined, StrictUndefined):
            return None
        with contextlib.suppress(TemplateSyntaxError):
            return environment.parse(source)
        return None

    def _environment(self, task: Any) -> Any:
        """Return the environment of a task: its own where it says how values are kept."""
        from jinja2.nativetypes import NativeEnvironment

        own = getattr(task, "render_template_as_native_obj", None)
        if own not in self._environments:
            self._environments[own] = self._watched(task.get_template_env())
        environment = self._environments[own]
        self._native = isinstance(environment, NativeEnvironment)
        return environment

    def _watched(self, environment: Any) -> Any:
        """Have an environment say what is compiled and printed."""
        finalize = environment.finalize
        compile_text, load = environment.from_string, environment.get_template

        def printed(value: Any) -> Any:
            if self._now is not None:
                self._now.printed.append(value)
            return value if finalize is None else finalize(value)

        def from_string(source: Any, *_: Any, **__: Any) -> Any:
            return self._compile(environment, source, compile_text, is_file=False)

        def get_template(name: Any, *arguments: Any, **options: Any) -> Any:
            if arguments or options:  # of an `include`, inside another one
                return load(name, *arguments, **options)
            return self._compile(environment, name, load, is_file=True)

        environment.finalize = printed
        environment.from_string, environment.get_template = from_string, get_template
        return environment

    def _compile(
        self, environment: Any, source: str, how: Callable[[str], Any], *, is_file: bool
    ) -> Any:
        key = (id(environment), is_file, source)
        template: Any = self._compiled.get(key)
        if (self._task[0], source) in self._skipped:
            template = _Uncompiled(EndlessTemplateError())
        elif template is None:
            self._begin_with(source)
            try:
                with limited(self._seconds):  # constants are computed while it is compiled
                    template = how(source)
                self._dependent[source] = is_file or mentions_conf(environment, source)
            except (Exception, EndlessTemplateError) as error:  # noqa: BLE001 - it is told like all
                template = _Uncompiled(error)
                self._dependent[source] = False
            self._compiled[key] = template
        self._now = None  # constants are printed while a template is compiled
        template.dagproof = (source, is_file)
        return template

    def _rendering(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Return what stands in place of the function by which Airflow renders a template."""

        def render(owner: Any, template: Any, context: Any, dag: Any = None) -> Any:
            source, is_file = getattr(template, "dagproof", (None, False))
            if source is None:
                return original(owner, template, context, dag)
            key = (*self._task, self._run.logical_date is None, source)
            steady = self._steady.get(key)
            if steady is not None:
                self._outcomes.append(steady)
                return steady.value
            if (self._task[0], source) in self._skipped:
                return ""
            self._begin_with(source)
            outcome = Outcome(source, is_file, self._native)
            outcome.depends = self._dependent.get(source, True)
            self._outcomes.append(outcome)
            self._carry_out(outcome, lambda: original(owner, template, context, dag))
            if not outcome.depends:
                self._steady[key] = outcome
            return outcome.value

        return render

    def _begin_with(self, source: str) -> None:
        key = (self._task[0], source)
        if key != self._begun:
            self._begun = key
            self._begin(*key)

    def _carry_out(self, outcome: Outcome, render: Callable[[], Any]) -> None:
        asked, pulled = len(self._answers.unknown), len(self._answers.pulled)
        self._now = outcome
        try:
            with limited(self._seconds):
                outcome.value = render()
        except (Exception, EndlessTemplateError, SystemExit) as error:  # noqa: BLE001 - macros
            outcome.error = error
            if isinstance(error, EndlessTemplateError):
                self._skipped |= {(self._task[0], outcome.source)}
        finally:
            self._now = None
        outcome.unknown = len(self._answers.unknown) > asked
        outcome.pulled = tuple(
            task_id
            for dag_id, task_id in self._answers.pulled[pulled:]
            if dag_id == self._dag.dag_id
        )

    def _remembered_params(self) -> Callable[..., Any]:
        """Return what validates the params of a run once, where all tasks have the same."""
        from airflow.sdk.execution_time.task_runner import process_params

        def params(dag: Any, task: Any, conf: Any, *, suppress_exception: bool) -> Any:
            if self._run.params is not None and not self._has_own_params(task):
                return dict(self._run.params)
            if self._has_own_params(task):
                return process_params(dag, task, conf, suppress_exception=suppress_exception)
            if self._params is None or self._params[0] is not self._run:
                made = process_params(dag, task, conf, suppress_exception=suppress_exception)
                self._params = (self._run, made)
            return copy.copy(self._params[1])

        return params

    def _has_own_params(self, task: Any) -> bool:
        known = self._own_params.get(task.task_id)
        if known is None:
            mine, shared = _plain(task.params), _plain(self._dag.params)
            known = self._own_params[task.task_id] = any(
                shared.get(name, self) != mine[name] for name in mine
            )
        return known


class _Uncompiled:
    """A template that cannot be compiled: to render it says why."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.globals: dict[str, Any] = {}

    @property
    def environment(self) -> Any:
        raise self.error


def _plain(params: Any) -> dict[str, Any]:
    plain = {}
    for name in params or {}:
        param = params.get_param(name) if hasattr(params, "get_param") else params[name]
        plain[name] = (getattr(param, "value", param), getattr(param, "schema", None))
    return plain
