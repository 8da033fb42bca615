"""The A/B test of two iris models: a thin DAG, and its steps as plain functions."""
