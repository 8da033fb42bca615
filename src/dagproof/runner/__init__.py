"""Runs a DAG by `dag.test()` and writes down how each task ended."""

from dagproof.runner.execution import RunOptions, run_dag
from dagproof.runner.locate import BrokenDagError, find_dag

__all__ = ["BrokenDagError", "RunOptions", "find_dag", "run_dag"]
