"""The questions that are asked of each DAG file, and which of them a finding answers."""

from collections.abc import Sequence
from typing import Final

from dagproof.airflow_compat.xcoms import RETURN_VALUE
from dagproof.model import Counterexample, Finding, Kind

LINT: Final = "lint"
AUDIT: Final = "audit"
CONTRACTS: Final = "contracts"

IMPORT: Final = "import"
PARAMS: Final = "params"
TEMPLATES: Final = "templates"
XCOM: Final = "xcom"

OF_CONTRACTS: Final = (PARAMS, TEMPLATES, XCOM)
"""Of a DAG file, answered by trying what its DAGs promise."""

QUESTIONS: Final = (LINT, IMPORT, "effects", "serialization", "stability", *OF_CONTRACTS)
"""Of a DAG file, in the order in which they are asked; the audit answers those in the middle."""

OF_REPOSITORY: Final = (LINT, AUDIT)
"""Of what is no DAG file's: plugins, files that Airflow passes over, what concerns several."""

_EFFECTS: Final = frozenset({*(f"DP{number}" for number in range(201, 212)), "DP227"})
_ANSWERED: Final = {
    "DP224": "stability",
    "DP226": "serialization",
    **dict.fromkeys(_EFFECTS, "effects"),
}
_PROMISED: Final = {Kind.PARAMS: PARAMS, Kind.TEMPLATE: TEMPLATES, Kind.XCOM: XCOM}


def answered_by(question: str) -> str:
    """Return who answers a question: `lint`, `audit` or `contracts`."""
    if question == LINT:
        return LINT
    return CONTRACTS if question in OF_CONTRACTS else AUDIT


def question_of(finding: Finding) -> str:
    """Return the question that a finding of the audit answers.

    What was both read and seen goes by what was seen. What has no question of its own keeps the
    file from being imported as it should.
    """
    seen = (_ANSWERED.get(code) for code in (finding.code, *finding.also))
    return next(filter(None, seen), IMPORT)


def promises_of(finding: Finding, broken: Counterexample | None) -> Sequence[str]:
    """Return the questions that a finding of tried promises answers.

    Args:
        finding: what was found.
        broken: what was seen of it, if that is known. It tells which promise could not be tried;
            where a whole DAG could not be, all of them are meant.
    """
    if finding.kind in _PROMISED:
        return (_PROMISED[finding.kind],)
    if broken is None:
        return OF_CONTRACTS
    if broken.field == RETURN_VALUE:
        return (XCOM,)
    if broken.field or broken.conf is not None:
        return (PARAMS,)
    return (TEMPLATES,) if broken.task_id else OF_CONTRACTS
