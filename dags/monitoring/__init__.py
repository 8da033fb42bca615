"""The monitoring of the iris model: a thin DAG, and its steps as plain functions."""
