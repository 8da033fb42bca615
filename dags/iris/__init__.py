"""The iris pipeline: a thin DAG, and its steps as plain functions."""
