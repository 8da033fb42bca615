"""Runs a DAG by `dag.test()` and writes down how each task ended."""

from dagproof.runner.execution import RunOptions, check_question, run_dag
from dagproof.runner.faulted import check_faults, in_force, run_dag_among
from dagproof.runner.locate import BrokenDagError, check_path, find_dag, find_targets

__all__ = [
    "BrokenDagError",
    "RunOptions",
    "check_faults",
    "check_path",
    "check_question",
    "find_dag",
    "find_targets",
    "in_force",
    "run_dag",
    "run_dag_among",
]
