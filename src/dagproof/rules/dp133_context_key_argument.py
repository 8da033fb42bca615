"""DP133: a task's function is given a value for a parameter that Airflow fills itself."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.callables import Task, tasks
from dagproof.rules.reading import Reading
from dagproof.source.file import Node

_CONTEXT: Final = frozenset(
    {
        "conn", "dag", "dag_run", "data_interval_end", "data_interval_start", "ds", "ds_nodash",
        "inlet_events", "inlets", "logical_date", "macros", "map_index_template", "outlet_events",
        "outlets", "params", "prev_data_interval_end_success", "prev_data_interval_start_success",
        "prev_end_date_success", "prev_start_date_success", "run_id", "task", "task_instance",
        "task_instance_key_str", "task_reschedule_count", "templates_dict", "ti",
        "triggering_asset_events", "ts", "ts_nodash", "ts_nodash_with_tz", "var",
    }
)  # fmt: skip
"""The keys that a task's context has in Airflow 3."""

_RESERVED: Final = _CONTEXT | {"exception", "reason", "test_mode", "try_number"}
"""With those that callbacks and other contexts have."""

_PLAIN: Final = ("task", "python", "branch", "short_circuit")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the parameters of tasks that carry a reserved name and a value."""
    defaults: set[int] = set()
    for task in tasks(reading):
        if not _is_plain(task):
            continue
        if id(task.function.node) not in defaults and task.taskflow:
            defaults.add(id(task.function.node))
            yield from _with_defaults(task)
        parameters = task.function.node.args
        names = [*parameters.posonlyargs, *parameters.args]
        for parameter, _ in zip(names, task.positional, strict=False):
            if parameter.arg in _CONTEXT:
                yield Hit(
                    task.event.source.span(_given(task, names.index(parameter))),
                    f"The parameter `{parameter.arg}` is given by position, but Airflow fills it: "
                    "the task fails",
                    (Related(task.function.source.span(parameter), "the parameter"),),
                )


def _with_defaults(task: Task) -> Iterator[Hit]:
    parameters = task.function.node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    pairs = [
        *zip(reversed(positional), reversed(parameters.defaults), strict=False),
        *zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True),
    ]
    for parameter, default in pairs:
        if parameter.arg not in _RESERVED or default is None:
            continue
        if isinstance(default, ast.Constant) and default.value is None:
            continue
        yield Hit(
            task.function.source.span(parameter),
            f"The parameter `{parameter.arg}` has a default, but Airflow fills it: the DAG file "
            "cannot be imported",
        )


def _given(task: Task, place: int) -> Node:
    call = task.event.node
    if task.taskflow and isinstance(call, ast.Call) and place < len(call.args):
        return call.args[place]
    for keyword in getattr(call, "keywords", []):
        if keyword.arg == "op_args":
            return keyword.value  # type: ignore[no-any-return]
    return call


def _is_plain(task: Task) -> bool:
    if not task.taskflow:
        return task.event.name.endswith("PythonOperator")
    decorators = getattr(task.function.node, "decorator_list", [])
    names = [one.func if isinstance(one, ast.Call) else one for one in decorators]
    return len(names) == 1 and (
        (names[0].attr if isinstance(names[0], ast.Attribute) else "task") in _PLAIN
    )


RULE: Final = Rule(
    code="DP133",
    slug="context-key-argument",
    severity=Severity.ERROR,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "A parameter that is called like a key of the context (`run_id`, `ds`, `params` ...) is "
        'filled by Airflow; an argument by position raises "The key ... is reserved" when the task '
        "runs, and a default other than None when the file is imported."
    ),
    fix="Give the parameter a name of its own, such as `mlflow_run_id`.",
    bad="""\
from airflow.sdk import DAG, task


@task
def evaluate(run_id):
    print(run_id)


with DAG("evaluate"):
    evaluate("0123abcd")
""",
    good="""\
from airflow.sdk import DAG, task


@task
def evaluate(mlflow_run_id):
    print(mlflow_run_id)


with DAG("evaluate"):
    evaluate("0123abcd")
""",
    check=check,
)
