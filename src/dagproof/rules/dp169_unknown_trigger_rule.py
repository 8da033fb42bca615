"""DP169: a trigger rule that Airflow does not have.

Old names, which Airflow 2 still takes, are not judged.
"""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.arguments import keyword_node, text
from dagproof.rules.definitions import definitions
from dagproof.rules.mentions import nearest
from dagproof.rules.reading import Reading

_RULES: Final = frozenset({
    "all_success", "all_failed", "all_done", "all_done_min_one_success", "all_done_setup_success",
    "one_success", "one_failed", "one_done", "none_failed", "none_skipped", "always",
    "none_failed_min_one_success", "all_skipped",
})  # fmt: skip
_OLD: Final = frozenset({"dummy", "none_failed_or_skipped"})


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the trigger rules that are none."""
    told = set()
    for task in definitions(reading).tasks:
        name = text(task.arguments.get("trigger_rule"))
        if name is None or name in _RULES | _OLD or task.event.node in told:
            continue
        told.add(task.event.node)
        if task.function is None:
            span = task.event.source.span(keyword_node(task.event, "trigger_rule"))
        else:
            span = task.span
        yield Hit(span, f"Airflow has no trigger rule `{name}`{nearest(name, _RULES)}")


RULE: Final = Rule(
    code="DP169",
    slug="unknown-trigger-rule",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why="Airflow refuses the DAG while it imports the file: none of the file's DAGs is there.",
    fix="Use one of the rules that Airflow has, such as `none_failed_min_one_success`.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator

with DAG("load"):
    EmptyOperator(task_id="end", trigger_rule="all_sucess")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator

with DAG("load"):
    EmptyOperator(task_id="end", trigger_rule="all_success")
""",
    check=check,
)
