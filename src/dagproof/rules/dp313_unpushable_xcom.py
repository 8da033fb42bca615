"""DP313: a task promises, or pushed, a value that XCom cannot carry."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that cannot be pushed."""
    return contracted.hits("unpushable-xcom")


RULE: Final = Rule(
    code="DP313",
    slug="unpushable-xcom",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "The task does its work and fails with its last step, when Airflow serializes what it "
        "returns. A retry does the work again."
    ),
    fix=(
        "Write the value to storage and return its address, or configure an XCom backend that "
        "knows it."
    ),
    bad="""\
from airflow.sdk import DAG, task
from scipy.sparse import csr_matrix

with DAG("load"):
    @task
    def features() -> csr_matrix:
        return csr_matrix([[1]])

    features()
""",
    good="""\
from airflow.sdk import DAG, task
from scipy.sparse import csr_matrix, save_npz

with DAG("load"):
    @task
    def features() -> str:
        save_npz("/data/features.npz", csr_matrix([[1]]))
        return "/data/features.npz"

    features()
""",
    check=check,
)
