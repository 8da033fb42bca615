"""Trip durations, learned from one month and judged by the next: a thin DAG, and its steps."""
