"""Assertions on what the tasks of a run logged to MLflow; a failure tells all that is wrong."""

from dagproof.tracking_assertions.assertions import (
    assert_one_run_per_task_instance,
    assert_tracked,
)

__all__ = ["assert_one_run_per_task_instance", "assert_tracked"]
