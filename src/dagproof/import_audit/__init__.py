"""Imports DAG files in child processes under CPython's audit hooks, and writes down what it saw."""

from dagproof.import_audit.client import Target, Watchers, Watching

__all__ = ["Target", "Watchers", "Watching"]
