"""What a DAG is made of, from the form in which Airflow keeps it in its database."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dagproof.airflow_compat.shape_texts import (
    Speak,
    asset,
    duration,
    json_of,
    plain_of,
    shortened,
    text_of,
)
from dagproof.model import DagShape, TaskShape

TASK_DEFAULTS: Final[Mapping[str, str]] = {
    "retries": "0", "retry_delay": "5m", "retry_exponential_backoff": "False",
    "pool": "default_pool", "pool_slots": "1", "queue": "default", "trigger_rule": "all_success",
    "depends_on_past": "False", "wait_for_downstream": "False",
    "ignore_first_depends_on_past": "False",
    "wait_for_past_depends_before_skipping": "False", "priority_weight": "1",
    "weight_rule": "downstream", "owner": "airflow", "do_xcom_push": "True",
    "multiple_outputs": "False", "email_on_failure": "True", "email_on_retry": "True",
    "is_setup": "False", "is_teardown": "False", "on_failure_fail_dagrun": "False",
    "allow_nested_operators": "True",
}  # fmt: skip
"""What a task has where nothing is said; its shape has no such fields."""

DAG_DEFAULTS: Final[Mapping[str, str]] = {
    "catchup": "False", "max_active_runs": "16", "max_active_tasks": "16",
    "max_consecutive_failed_dag_runs": "0", "fail_fast": "False", "timezone": "UTC",
    "render_template_as_native_obj": "False", "disable_bundle_versioning": "False",
}  # fmt: skip
"""What a DAG has where nothing is said; its shape has no such fields."""

_OTHERWISE: Final[Mapping[str, frozenset[str]]] = {
    "retry_exponential_backoff": frozenset({"0", "False"}),
}
_NO_FIELD_OF_TASK: Final = frozenset(
    {
        "task_id", "task_type", "downstream_task_ids", "params", "ui_color", "ui_fgcolor", "label",
        "template_fields", "template_ext", "template_fields_renderers", "operator_extra_links",
        "start_trigger_args", "start_from_trigger", "partial_kwargs", "expand_input",
        "op_kwargs_expand_input", "has_retry_policy",
    }
)  # fmt: skip
_NO_FIELD_OF_DAG: Final = frozenset(
    {
        "dag_id", "tasks", "task_group", "params", "timetable", "timezone", "fileloc", "edge_info",
        "relative_fileloc", "dag_dependencies", "default_args", "last_loaded",
    }
)  # fmt: skip
_NAMES: Final[Mapping[str, str]] = {
    "python_callable_name": "python_callable",
    "_task_display_name": "display_name",
    "task_display_name": "display_name",
    "_dag_display_name": "display_name",
    "dag_display_name": "display_name",
    "_concurrency": "max_active_tasks",
}
_PRESETS: Final[Mapping[str, str]] = {
    "0 * * * *": "@hourly", "0 0 * * *": "@daily", "0 0 * * 0": "@weekly", "0 0 1 * *": "@monthly",
    "0 0 1 */3 *": "@quarterly", "0 0 1 1 *": "@yearly", "@midnight": "@daily",
    "@annually": "@yearly",
}  # fmt: skip
_PLAIN_TIMETABLES: Final = frozenset({"CronTriggerTimetable", "DeltaTriggerTimetable"})
_FIXED_TIMETABLES: Final[Mapping[str, str]] = {
    "NullTimetable": "", "OnceTimetable": "@once", "ContinuousTimetable": "@continuous",
}  # fmt: skip
_UNSAID: Final = frozenset({"timezone", "expression", "delta"})
_LONGEST_PARAM: Final = 4000


def shape(serialized: Mapping[str, Any], speak: Speak) -> DagShape:
    """Return what a DAG is made of; its path is left to whoever knows it.

    Args:
        serialized: the DAG as Airflow keeps it, with or without the types beside values.
        speak: takes out of texts what differs from import to import.

    Raises:
        Exception: whatever comes of a form that no known Airflow writes.
    """
    params = dict(_params(serialized.get("params") or ()))
    tasks = [_inner(task) for task in serialized.get("tasks", ())]
    upstream: dict[str, list[str]] = {}
    for task in tasks:
        for below in task.get("downstream_task_ids", ()):
            upstream.setdefault(str(below), []).append(str(task["task_id"]))
    expanded = dict(_expanded_groups(serialized.get("task_group") or {}, speak))
    timetable = serialized.get("timetable") or {}
    fields = dict(_fields_of_dag(serialized, speak))
    zone = _inner(timetable).get("timezone") or serialized.get("timezone")
    if zone is not None and (said := str(plain_of(zone))) != DAG_DEFAULTS["timezone"]:
        fields["timezone"] = said
    return DagShape(
        dag_id=str(serialized["dag_id"]),
        schedule=_schedule(timetable, speak),
        tasks=tuple(
            _task(task, upstream, serialized, expanded, speak)
            for task in sorted(tasks, key=lambda one: str(one["task_id"]))
        ),
        params={name: shortened(speak(text), _LONGEST_PARAM) for name, text in params.items()},
        fields=fields,
    )


def _inner(value: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = value.get("__var", value)
    return inner if isinstance(inner, Mapping) else {}


def _fields_of_dag(serialized: Mapping[str, Any], speak: Speak) -> Iterator[tuple[str, str]]:
    yield from _fields(
        ((name, value) for name, value in serialized.items() if name not in _NO_FIELD_OF_DAG),
        DAG_DEFAULTS,
        speak,
    )


def _fields(
    items: Iterator[tuple[str, Any]], defaults: Mapping[str, str], speak: Speak
) -> Iterator[tuple[str, str]]:
    """Yield the fields that are set to something, under one name in all of Airflow's versions."""
    for key, value in items:
        name = _NAMES.get(key, key)
        if name.startswith("_") or value is None:
            continue
        if name.startswith(("has_on_", "on_")) and name.endswith("_callback"):
            if value:
                yield name.removeprefix("has_"), "set"
            continue
        text = text_of(name, value, speak)
        if name == "python_callable" and text.startswith("def "):  # a mapped one, before 3.1
            text = text[4:].partition("(")[0]
        unset = _OTHERWISE.get(name) or {defaults.get(name)}
        if text not in unset and text not in {"", "None", "{}", "[]"}:
            yield name, text


def _task(
    task: Mapping[str, Any],
    upstream: Mapping[str, list[str]],
    dag: Mapping[str, Any],
    expanded: Mapping[str, str],
    speak: Speak,
) -> TaskShape:
    task_id = str(task["task_id"])
    given = {**_inner(task.get("partial_kwargs") or {}), **task}
    fields = dict(
        _fields(
            (
                (name, value)
                for name, value in given.items()
                if name not in _NO_FIELD_OF_TASK
                and not (name in {"start_date", "end_date"} and value == dag.get(name))
            ),
            TASK_DEFAULTS,
            speak,
        )
    )
    operator = str(task.get("task_type") or "")
    module = speak(str(task.get("_task_module") or ""))
    fields["class"] = f"{module}.{operator}".strip(".")
    ways = [expanded[task_id]] if task_id in expanded else []
    own = task.get(str(task.get("_expand_input_attr")))
    if own is not None:
        ways.append(shortened(speak(json_of(_expansion(own)))))
    if ways:
        fields["expand"] = " in ".join(reversed(ways))
    if params := dict(_own_params(task, dag)):
        fields["params"] = shortened(speak(json_of(params)))
    return TaskShape(
        task_id=task_id,
        operator=str(task.get("_operator_name") or operator),
        upstream=tuple(sorted(upstream.get(task_id, ()))),
        mapped=bool(task.get("_is_mapped") or task_id in expanded),
        fields=fields,
    )


def _expansion(given: Any) -> Any:
    return plain_of(given["value"] if isinstance(given, Mapping) and "value" in given else given)


def _expanded_groups(
    group: Mapping[str, Any], speak: Speak, around: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the tasks of mapped groups, each with what the groups around it are expanded over."""
    if group.get("is_mapped"):
        around = (*around, shortened(speak(json_of(_expansion(group.get("expand_input"))))))
    for kind, child in (group.get("children") or {}).values():
        if isinstance(child, Mapping):
            yield from _expanded_groups(child, speak, around)
        elif around and "operator" in str(getattr(kind, "value", kind)):
            yield str(child), " in ".join(reversed(around))


def _params(given: Any) -> Iterator[tuple[str, str]]:
    """Yield Params as JSON objects: their default, if they have one, beside their schema."""
    items = given.items() if isinstance(given, Mapping) else given
    for name, param in items:
        told: dict[str, Any] = {}
        default = param.get("default") if isinstance(param, Mapping) else param
        unset = isinstance(default, Mapping) and _is_unset(default)
        if isinstance(param, Mapping):
            if param.get("description"):
                told["description"] = param["description"]
            schema = plain_of(param.get("schema") or {})
            told |= schema if isinstance(schema, dict) else {"schema": schema}
        if not unset:
            told["default"] = plain_of(default)
        yield str(name), json_of(told)


def _is_unset(default: Mapping[str, Any]) -> bool:
    return str(getattr(default.get("__type"), "value", default.get("__type"))) == "arg_not_set"


def _own_params(task: Mapping[str, Any], dag: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the Params that a task has and its DAG has not."""
    given = task.get("params")
    if given:
        of_dag = dict(_params(dag.get("params") or ()))
        for name, text in _params(given):
            if of_dag.get(name) != text:
                yield name, text


def _schedule(timetable: Mapping[str, Any], speak: Speak) -> str:
    """Return when a DAG runs, as short text; empty where it does not by itself."""
    name = str(timetable.get("__type") or "").rpartition(".")[2]
    inner = _inner(timetable)
    if name in _FIXED_TIMETABLES or not name:
        return _FIXED_TIMETABLES.get(name, "")
    if name == "AssetTriggeredTimetable":
        return asset(inner.get("asset_condition"))
    if name == "AssetOrTimeSchedule":
        times = _schedule(inner.get("timetable") or {}, speak)
        return f"{times} or {asset(inner.get('asset_condition'))}"
    more = {
        key: value
        for key, value in inner.items()
        if key not in _UNSAID and not key.startswith("_") and value not in (None, False, 0, [], {})
    }
    when = _moments(inner)
    said = [when, *(f"{key}={speak(json_of(plain_of(more[key])))}" for key in sorted(more))]
    if name in _PLAIN_TIMETABLES and when and not more:
        return when
    return shortened(f"{name}({', '.join(filter(None, said))})")


def _moments(inner: Mapping[str, Any]) -> str:
    if "expression" in inner:
        expression = " ".join(str(inner["expression"]).split())
        return _PRESETS.get(expression, expression)
    delta = inner.get("delta")
    if isinstance(delta, int | float):
        return f"every {duration(delta)}"
    return "" if delta is None else f"every {json_of(plain_of(delta))}"
