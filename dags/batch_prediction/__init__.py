"""The batch predictions of iris: a thin DAG, its steps, and how any DAG gets at a served model."""
