"""Two models trained side by side, the better one deployed: a thin DAG, and its steps."""
