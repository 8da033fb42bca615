"""Rules and findings to judge."""

import pytest

from dagproof.model import Finding, Kind, Rule, Severity, Span

NAMES = {
    "DP101": "mlflow-call-at-import",
    "DP102": "network-call-at-import",
    "DP120": "uncalled-dag",
    "DP121": "duplicate-dag-id",
    "DP201": "mlflow-call-seen",
}


@pytest.fixture
def rule():
    def rule(code, slug=None, *, on=True, check=lambda _: ()):
        return Rule(
            code=code,
            slug=slug or NAMES[code],
            severity=Severity.ERROR,
            kind=Kind.CONFIG,
            on=on,
            why="why",
            fix="fix",
            bad="bad",
            good="good",
            check=check,
        )

    return rule


@pytest.fixture
def rules(rule):
    return tuple(rule(code, on=code != "DP121") for code in NAMES)


@pytest.fixture
def finding():
    def finding(code="DP101", path="dags/a.py", line=1, excerpt="", end_line=None, **more):
        span = Span(path, line, 1, end_line or line, 5)
        return Finding(
            code=code,
            slug=NAMES.get(code, code.lower()),
            severity=Severity.ERROR,
            kind=Kind.MLFLOW,
            message="it happens",
            fix="mend it",
            span=span,
            excerpt=excerpt,
            **more,
        )

    return finding
