"""The promotion of an iris model by alias: a thin DAG, and its steps as plain functions."""
