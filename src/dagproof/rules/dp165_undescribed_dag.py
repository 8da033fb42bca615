"""DP165: a DAG has no description, in no form."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, hit
from dagproof.rules.reading import Reading

_FORMS: Final = ("description", "doc_md", 1)


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs that nothing says the purpose of."""
    for made in dags(reading):
        node = made.function.node if made.function is not None else None
        documented = isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None
        if not documented and made.arguments.keys().isdisjoint(_FORMS) and not _later(reading):
            yield hit(made, f"The DAG `{made.id}` has no description")


def _later(reading: Reading) -> bool:
    """Return whether `dag.doc_md` is set somewhere in the file."""
    return b".doc_md" in reading.source.data or b".description" in reading.source.data


RULE: Final = Rule(
    code="DP165",
    slug="undescribed-dag",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="Whoever is called when it fails reads first what it is for.",
    fix="Give it a `description` or `doc_md`; the docstring of a `@dag` function is one.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load", description="Daily rates."):\n    pass\n',
    check=check,
)
