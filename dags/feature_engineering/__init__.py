"""The feature pipeline of iris: a thin DAG, and its steps as plain functions."""
