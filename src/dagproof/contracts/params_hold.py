"""Tries whether a DAG's Params keep what their schemas promise."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dagproof.airflow_compat.param_schemas import validator
from dagproof.airflow_compat.params import (
    DeclaredParam,
    Refusal,
    declared_params,
    gate,
    task_params,
)
from dagproof.contracts.broken import UNPROVED, Broken
from dagproof.contracts.confs import (
    SECONDS,
    conf_strategy,
    default_trouble,
    generated,
    has_good_default,
    plain,
    smallest_value,
    trouble,
)
from dagproof.contracts.limits import OutOfTimeError, within
from dagproof.contracts.schemas import allows, brief, quoted
from dagproof.contracts.shapes import MISSING, UNKNOWN_KEY, shapes

Gate = Callable[[Mapping[str, object]], dict[str, object] | Refusal]

REJECTED: Final = "rejected-default"
UNUSABLE: Final = "unusable-param-schema"
REFUSED: Final = "refused-conf"

EXAMPLES: Final = 30
"""Generated confs for each DAG."""


@dataclass(frozen=True, slots=True)
class Case:
    """A conf to try.

    Attributes:
        conf: JSON values by the names of Params.
        allowed: whether the schemas allow it, by jsonschema itself.
        shape: what it is and where it comes from, a noun phrase.
        param: the Param that it is about; empty for the whole conf.
    """

    conf: dict[str, object]
    allowed: bool
    shape: str
    param: str = ""


def cases(
    params: Sequence[DeclaredParam], examples: int = EXAMPLES, seed: int = 0
) -> Iterator[Case]:
    """Yield the conf of defaults, shapes that are really sent, and generated confs.

    The same conf comes once. Where a Param has no usable schema, no conf is allowed; nothing is
    raised.

    Args:
        params: of one DAG.
        examples: the most generated confs.
        seed: another one gives other confs.
    """
    told = set()
    for case in _cases(params, examples, seed):
        key = plain(case.conf)
        if key not in told:
            told.add(key)
            yield case


def broken_params(dag: Any, examples: int = EXAMPLES, seed: int = 0) -> Iterator[Broken]:
    """Yield what does not hold of a DAG's Params; no exception of a Param comes out.

    Args:
        dag: as it was imported.
        examples: the most generated confs.
        seed: another one gives other confs.
    """
    try:
        yield from _all_faults(dag, examples, seed)
    except Exception as error:  # noqa: BLE001 - the rest of the DAG is to be tried
        what = f"The Params of the DAG {quoted(dag.dag_id)} cannot be tried: {brief(error)}"
        yield Broken(UNPROVED, what, dag.dag_id)


def _all_faults(dag: Any, examples: int, seed: int) -> Iterator[Broken]:
    params, by_task = declared_params(dag), list(task_params(dag))
    for task_id, param in [*(("", one) for one in params), *by_task]:
        for offence, message in _own_faults(param):
            yield Broken(offence, message, dag.dag_id, task_id, param.name, param.name)
    if not all(map(_is_usable, params)):
        return
    answer, base = gate(dag), _base(params)
    yield from _refused(dag.dag_id, answer, cases(params, examples, seed))
    for task_id, param in by_task:
        if _is_usable(param) and default_trouble(param) is None:
            yield from _late(dag.dag_id, task_id, answer, param, base)


def _own_faults(param: DeclaredParam) -> Iterator[tuple[str, str]]:
    """Yield offence and message of what is wrong with a Param by itself."""
    name = quoted(param.name)
    found = trouble(param.schema)
    if param.unserved:
        yield UNUSABLE, f"Airflow cannot serialize the Param {name}: {param.unserved}"
    elif found:
        offence = UNUSABLE if found.proved else UNPROVED
        yield offence, f"The schema of the Param {name} {found.clause}"
    known = param.unserved or (found is not None and found.proved) or param.required
    wrong = None if known else default_trouble(param)
    if wrong:
        offence = REJECTED if wrong.proved else UNPROVED
        yield offence, f"The default of the Param {name} {wrong.clause}"


def _refused(dag_id: str, answer: Gate, tried: Iterable[Case]) -> Iterator[Broken]:
    """Yield confs to which Airflow says another thing than the schemas, one of a kind."""
    found: dict[tuple[str, str], tuple[str, Case]] = {}
    slow: set[str] = set()
    for case in tried:
        if case.param in slow:
            continue
        try:
            with within(SECONDS):
                kind, message = _disagreement(case, answer(case.conf))
        except OutOfTimeError:
            slow.add(case.param)
            kind, message = UNPROVED, f"Airflow does not validate {_of(case)} in {SECONDS:g} s"
        known = found.get((kind, case.param))
        if kind and (known is None or len(plain(case.conf)) < len(plain(known[1].conf))):
            found[kind, case.param] = message, case
    for (kind, name), (message, case) in found.items():
        offence = UNPROVED if kind == UNPROVED else REFUSED
        yield Broken(offence, message, dag_id, field=name, text=name, conf=case.conf)


def _disagreement(case: Case, answer: dict[str, object] | Refusal) -> tuple[str, str]:
    """Return what kind of disagreement there is, and say it; two empty texts for none."""
    if not isinstance(answer, Refusal):
        if case.allowed:
            return "", ""
        return "accepted", f"Airflow accepts {_of(case)}, which the schema forbids"
    if case.allowed:
        return "refused", f"Airflow refuses {_of(case)}, which the schema allows: {_said(answer)}"
    if not answer.named:
        return "unnamed", f"Airflow refuses {_of(case)} and names no Param: {_said(answer)}"
    return "", ""


def _late(
    dag_id: str, task_id: str, answer: Gate, param: DeclaredParam, base: Mapping[str, object]
) -> Iterator[Broken]:
    """Yield a conf with which a run is created whose task then refuses it."""
    for shape in shapes(param):
        conf = _with(base, param.name, shape.value)
        if shape.value is MISSING:
            forbidden = param.required
        else:
            forbidden = not allows(param.schema, shape.value)
        if forbidden and not isinstance(answer(conf), Refusal):
            name, task = quoted(param.name), quoted(task_id)
            message = (
                f"Airflow creates a run for {quoted(plain(conf))}, and the task {task} refuses it: "
                f"its own Param {name} is validated when it starts"
            )
            yield Broken(REFUSED, message, dag_id, task_id, param.name, param.name, conf=conf)
            return


def _cases(params: Sequence[DeclaredParam], examples: int, seed: int) -> Iterator[Case]:
    base = _base(params)
    defaults = {one.name: one.default for one in params if not one.required}
    confs = [
        ("", "no more than what is required, as the CLI sends it", dict(base)),
        ("", "every Param with its default, as the form sends them", {**defaults, **base}),
        ("", "a key that no Param has, as a REST client may send it", {**base, UNKNOWN_KEY: "x"}),
        *(
            (param.name, shape.words, _with(base, param.name, shape.value))
            for param in filter(_is_usable, params)
            for shape in shapes(param)
            if shape.value is not MISSING or param.required or has_good_default(param)
        ),
        *(("", "a generated conf", dict(conf)) for conf in _generated(params, examples, seed)),
    ]
    known = [_Known(one) for one in params]
    for name, words, conf in confs:
        try:
            with within(SECONDS):
                allowed = all(one.allows(conf) for one in known)
        except OutOfTimeError:
            continue
        yield Case(conf, allowed, words, name)


def _generated(
    params: Sequence[DeclaredParam], examples: int, seed: int
) -> Sequence[dict[str, object]]:
    if not examples or not params or not all(map(_is_usable, params)):
        return ()
    told = [[one.name, one.schema, *([] if one.required else [one.default])] for one in params]
    return _generated_of(json.dumps(told), examples, seed)


@functools.lru_cache(maxsize=64)
def _generated_of(told: str, examples: int, seed: int) -> Sequence[dict[str, object]]:
    params = [DeclaredParam(*one) for one in json.loads(told)]
    try:
        with within(SECONDS):
            return generated(conf_strategy(params), examples, seed)
    except (Exception, OutOfTimeError):  # noqa: BLE001 - the shapes are tried all the same
        return ()


class _Known:
    """A Param whose schema is looked at many times."""

    def __init__(self, param: DeclaredParam) -> None:
        self._param = param
        self._usable = _is_usable(param)
        self._by_default = self._usable and has_good_default(param)
        self._checks: Any = validator(param.schema) if self._usable else None

    def allows(self, conf: Mapping[str, object]) -> bool:
        """Tell whether the schema allows what a conf gives, or leaves to the default."""
        if self._param.name not in conf:
            return self._by_default
        try:
            return self._usable and bool(self._checks.is_valid(conf[self._param.name]))
        except Exception:  # noqa: BLE001 - numbers that are too large for jsonschema, for one
            return False


def _base(params: Sequence[DeclaredParam]) -> dict[str, object]:
    """Return the smallest conf that gives what no good default does."""
    return {
        one.name: smallest_value(one.schema)
        for one in params
        if trouble(one.schema) is None and not has_good_default(one)
    }


def _with(base: Mapping[str, object], name: str, value: object) -> dict[str, object]:
    conf = {key: one for key, one in base.items() if key != name}
    return conf if value is MISSING else {**conf, name: value}


def _is_usable(param: DeclaredParam) -> bool:
    """Tell whether any conf at all is accepted, as far as this Param is asked."""
    found = trouble(param.schema)
    if param.unserved or (found is not None and found.proved):
        return False
    wrong = None if param.required else default_trouble(param)
    return wrong is None or wrong.proved  # a default that takes for ever is in every conf


def _of(case: Case) -> str:
    about = f" of the Param {quoted(case.param)}" if case.param else ""
    return f"{quoted(plain(case.conf))}{about}"


def _said(refusal: Refusal) -> str:
    return brief(refusal.error)
