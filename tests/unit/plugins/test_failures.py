"""A permanent failure is not retried; any other is left alone."""

import inspect

import pytest

from mlops.failures import PermanentError, no_retry


@no_retry
def task(a: int, b: str = "x") -> str:
    """Fail on demand."""
    if a == 0:
        raise PermanentError("never works")
    return f"{1 / a}{b}"[:3]


def test_permanent_error_becomes_airflows_own():
    with pytest.raises(Exception, match=r"^never works$") as caught:
        task(0)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert isinstance(caught.value.__cause__, PermanentError)


def test_other_errors_stay_as_they_are():
    with pytest.raises(TypeError):
        task("a")


def test_signature_stays_for_airflow_to_bind():
    assert list(inspect.signature(task).parameters) == ["a", "b"]
    assert task(1) == "1.0"
