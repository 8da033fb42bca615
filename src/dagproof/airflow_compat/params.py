"""Answers what a DAG's Params are, and what Airflow says to a conf before it creates a run."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dagproof.airflow_compat.param_schemas import Schema, checked_once

NO_DEFAULT: Final = object()
"""The default of a Param that has none: every run has to give a value."""


_HEAD: Final = "Invalid input for param {}: "


@dataclass(frozen=True, slots=True)
class DeclaredParam:
    """One Param of a DAG or of a task.

    Attributes:
        name: its key.
        schema: its JSON schema as Airflow validates it: a dict, unless somebody wrote another
            thing.
        default: what a run gets that does not give it, or `NO_DEFAULT`.
        description: what the form says of it; empty for nothing.
        unserved: why Airflow cannot write it down or read it back; empty where it can.
    """

    name: str
    schema: Any
    default: object = NO_DEFAULT
    description: str = ""
    unserved: str = ""

    @property
    def required(self) -> bool:
        """Whether a conf must hold it."""
        return self.default is NO_DEFAULT


@dataclass(frozen=True, slots=True)
class Refusal:
    """Airflow's answer to a conf that it does not take.

    Attributes:
        param: the name of the parameter, as Airflow's own sentence says it; empty for none.
        reason: Airflow's sentence without the name, its first line.
        error: what Airflow raised.
    """

    param: str
    reason: str
    error: Exception

    @property
    def named(self) -> bool:
        """Whether the sentence says which parameter it is about; one may be called nothing."""
        return str(self.error).startswith(_HEAD.format(self.param))


Answer = dict[str, object] | Refusal
"""The params of the run that is created, or why there is none."""


def declared_params(dag: Any) -> list[DeclaredParam]:
    """Return the Params of a DAG in the order of their declaration."""
    return [_declared(name, param) for name, param in dag.params.items()]


def task_params(dag: Any) -> Iterator[tuple[str, DeclaredParam]]:
    """Yield the Params that tasks declare by themselves, each with the id of its task.

    Airflow looks at their schemas when the task starts, and not before it creates a run.
    """
    of_dag = dict(dag.params.items())
    for task in dag.tasks:
        for name, param in (getattr(task, "params", None) or {}).items():
            if hasattr(param, "schema") and not _same(of_dag.get(name), param):
                yield task.task_id, _declared(name, param)


def accepted(dag: Any, conf: Mapping[str, object]) -> Answer:
    """Return the params of a run with this conf, or why Airflow creates none."""
    return gate(dag)(conf)


def gate(dag: Any) -> Callable[[Mapping[str, object]], Answer]:
    """Return what answers to many confs of one DAG as its `create_dagrun` does.

    The Params are those that the API server reads back. Where Airflow cannot read them back, those
    of the file are asked.
    """
    from airflow.configuration import conf as config

    overrides = config.getboolean("core", "dag_run_conf_overrides_params")
    try:
        params = _served(dag.params)
    except Exception:  # noqa: BLE001 - said of the Param itself, by `declared_params`
        params = copy.deepcopy(dag.params)
    for _, param in params.items():  # noqa: PERF102 - Airflow's `values()` is not its `items()`
        if isinstance(param.schema, dict):
            param.schema = Schema(param.schema)

    def answer(conf: Mapping[str, object]) -> Answer:
        try:
            with checked_once():
                given = _merged(params, conf)
                return given if overrides else _merged(params, {})
        except Exception as error:  # noqa: BLE001 - each version and each schema has its own
            return _refusal(error, [*params, *conf])

    return answer


def refused_by_file(dag: Any, conf: Mapping[str, object]) -> Refusal | None:
    """Validate a conf against the Params as the file declares them, as its tasks do."""
    params = copy.deepcopy(dag.params)
    try:
        params.update(conf)
        params.validate()
    except Exception as error:  # noqa: BLE001 - the caller knows which it tells
        return _refusal(error, [*params, *conf])
    return None


def _declared(name: str, param: Any) -> DeclaredParam:
    from airflow.sdk.definitions.param import ParamsDict

    unserved, served = "", param
    try:
        served = _served(ParamsDict({name: param})).get_param(name)
    except Exception as error:  # noqa: BLE001 - any value can be given, and fail in any way
        unserved = _why_unserved(param, error)
    default = served.value
    return DeclaredParam(
        name,
        served.schema,
        NO_DEFAULT if type(default).__name__ == "ArgNotSet" else default,
        str(param.description or ""),
        unserved,
    )


def _served(params: Any) -> Any:
    """Return Params as the API server has them: written down, and read back."""
    from airflow.serialization.serialized_objects import BaseSerialization

    written = BaseSerialization._serialize_params_dict(params)  # noqa: SLF001 - no public seam
    return BaseSerialization._deserialize_params_dict(written)  # noqa: SLF001 - the same


def _why_unserved(param: Any, error: Exception) -> str:
    if type(param).__name__ != "Param" or not type(param).__module__.startswith("airflow."):
        return f"it is a `{type(param).__name__}`, and subclasses of `Param` are not known"
    taken = {"default", "description", "source"} & set(
        param.schema if isinstance(param.schema, dict) else ()
    )
    if taken:
        return f"its schema has the key `{min(taken)}`, which is also an argument of `Param`"
    return f"{type(error).__name__}: {_first_line(error)}"


def _merged(params: Any, conf: Mapping[str, object]) -> dict[str, object]:
    if hasattr(params, "deep_merge"):  # from 3.2 on
        merged = params.deep_merge(conf)
    else:
        merged = copy.deepcopy(params)
        merged.update(conf)
    validated: dict[str, object] = merged.validate()
    return validated


def _refusal(error: Exception, names: Iterable[str]) -> Refusal:
    sentence = str(error)
    named = [one for one in names if sentence.startswith(_HEAD.format(one))]
    name = max(named, key=len, default="")
    return Refusal(name, sentence.removeprefix(_HEAD.format(name)).partition("\n")[0], error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _same(one: Any, other: Any) -> bool:
    return one is not None and (one.schema, one.value) == (other.schema, other.value)
