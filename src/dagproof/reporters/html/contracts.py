"""What DAGs promise, and the smallest inputs with which a promise is broken."""

import json
from collections.abc import Mapping
from typing import Final

from dagproof.model import ContractTrace, Counterexample, Report
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import (
    fold,
    marked,
    more,
    place,
    pre,
    room,
    row,
    seconds,
    section,
    table,
)
from dagproof.reporters.words import count

_SHOWN: Final = 40


def contracts(report: Report) -> Html:
    """Return the part of the page that tells of contracts: counterexamples, and what was tried."""
    every = report.contracts
    broken = sum(len(one.counterexamples) for one in every)
    note = f"{count(sum(len(one.dag_ids) for one in every), 'DAG')}, {broken or 'no'} " + (
        "counterexample" if broken == 1 else "counterexamples"
    )
    limit = room(sum(bool(two.detail) for one in every for two in one.counterexamples))
    told = [one for one in every if one.counterexamples or one.failure]
    return section(
        "contracts",
        "Contracts",
        note,
        *(_file(one, limit) for one in told),
        fold("What was tried", _tried(report)) if every else None,
    )


def _file(trace: ContractTrace, limit: int) -> Html:
    dags: dict[str, list[Counterexample]] = {}
    for one in trace.counterexamples[:_SHOWN]:
        dags.setdefault(one.dag_id, []).append(one)
    number = len(trace.counterexamples)
    sign = marked("✗" if number else "?", "bad" if number else "warn", tag("code", trace.path))
    told = count(number, "counterexample") if number else "not tried to the end"
    failure = tag("p", marked("?", "warn", prose(trace.failure))) if trace.failure else None
    of_dags = (
        joined((tag("h3", dag) if dag else None, *(_broken(one, limit) for one in broken)))
        for dag, broken in dags.items()
    )
    summary = joined((sign, tag("small", told)), " ")
    left = more(number - _SHOWN, "counterexample")
    return fold(summary, failure, *of_dags, left, unfolded=True, kind="card")


def _broken(one: Counterexample, limit: int) -> Html:
    where = ".".join(part for part in (one.task_id, one.field) if part)
    conf = (
        (" with the conf ", tag("code", _json(one.conf)))
        if one.conf is not None
        else (" with every conf",)
    )
    return tag(
        "div",
        tag("p", tag("code", one.offence), " ", tag("b", where), *conf),
        tag("p", prose(one.message), " ", place(one.span), class_="said"),
        pre(one.detail, limit) if one.detail.strip() else None,
        class_="error",
    )


def _json(conf: Mapping[str, object]) -> str:
    return json.dumps(dict(conf), ensure_ascii=False, default=repr)


def _tried(report: Report) -> Html:
    rows = [
        row(
            tag("code", one.path), len(one.dag_ids), one.confs, one.templates, one.values,
            seconds(one.seconds), numbers=(1, 2, 3, 4, 5),
        )
        for one in report.contracts[: _SHOWN * 10]
    ]  # fmt: skip
    head = ("file", "DAGs#", "confs#", "templates#", "XCom values#", "time#")
    left = more(len(report.contracts) - _SHOWN * 10, "file")
    return joined((table("What was tried of each file", head, rows), left))
