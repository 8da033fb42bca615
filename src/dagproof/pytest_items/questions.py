"""The questions that are asked of each DAG file, and which of them a finding answers."""

from typing import Final

from dagproof.model import Finding

LINT: Final = "lint"
AUDIT: Final = "audit"

QUESTIONS: Final = (LINT, "import", "effects", "serialization", "stability")
"""Of a DAG file, in the order in which they are asked; the audit answers all but the first."""

OF_REPOSITORY: Final = (LINT, AUDIT)
"""Of what is no DAG file's: plugins, files that Airflow passes over, what concerns several."""

_EFFECTS: Final = frozenset({*(f"DP{number}" for number in range(201, 212)), "DP227"})
_ANSWERED: Final = {
    "DP224": "stability",
    "DP226": "serialization",
    **dict.fromkeys(_EFFECTS, "effects"),
}


def question_of(finding: Finding) -> str:
    """Return the question that a finding of the audit answers.

    What was both read and seen goes by what was seen. What has no question of its own keeps the
    file from being imported as it should.
    """
    seen = (_ANSWERED.get(code) for code in (finding.code, *finding.also))
    return next(filter(None, seen), "import")
