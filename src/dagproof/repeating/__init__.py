"""Runs a DAG again, and again with retries, and says what a single run has not left so."""

from dagproof.repeating.composition import run_twice
from dagproof.repeating.passes import repeat

__all__ = ["repeat", "run_twice"]
