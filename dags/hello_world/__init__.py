"""The first DAG of the tutorial: three tasks, one after the other, every day."""
