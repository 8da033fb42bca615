"""Small DAGs that log to MLflow."""

from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "fixtures" / "repos" / "tracking" / "dags"


@pytest.fixture
def run_tracking(run_dag):
    """Run one of the DAGs by the name of its file; it must succeed."""

    def run(name, **options):
        outcome = run_dag(DAGS / f"{name}.py", **options)
        assert outcome.state == "success", outcome.failures
        return outcome

    return run
