"""DP123: a task triggers, or waits for, a DAG or a task that the repository does not have.

Silent unless the whole repository was read and the id of each DAG in it is known, because it stands
there or because it was seen when the DAG files were imported. Assets are not judged: which of them
exist, other repositories say too.
"""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.facts import Wait
from dagproof.rules.mentions import nearest
from dagproof.rules.repository import Repository

_COPY: Final = re.compile(r"__\d+$")


def check(repository: Repository) -> Iterator[Hit]:
    """Yield the DAGs and tasks that are named and not there."""
    if not repository.dags_known or not repository.dag_ids:
        return
    for path in sorted(repository.facts):
        facts = repository.facts[path]
        for one in (*facts.triggers, *(wait.dag for wait in facts.waits)):
            if one.name not in repository.dag_ids:
                like = nearest(one.name, repository.dag_ids)
                yield Hit(one.span, f"The repository has no DAG `{one.name}`{like}")
        for wait in facts.waits:
            yield from _tasks(repository, wait)


def _tasks(repository: Repository, wait: Wait) -> Iterator[Hit]:
    maker = repository.maker(wait.dag.name)
    if maker is None or maker.imported or not maker.tasks:
        return
    known = maker.tasks
    for task in wait.tasks:
        if _COPY.sub("", task.name.rpartition(".")[2]) not in known:
            like = nearest(task.name, known)
            yield Hit(task.span, f"The DAG `{wait.dag.name}` has no task `{task.name}`{like}")


RULE: Final = Rule(
    code="DP123",
    slug="missing-trigger-target",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "A trigger of a DAG that is not there fails when its task runs; a sensor waits for it "
        "until it times out. Where reading does not know every DAG id of the repository, "
        "`dagproof audit` tells, by the DAGs that it sees."
    ),
    fix="Name a DAG and a task that exist.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

with DAG("load"):
    TriggerDagRunOperator(task_id="next", trigger_dag_id="lod")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

with DAG("load"):
    TriggerDagRunOperator(task_id="next", trigger_dag_id="load")
""",
    check=check,
)
