"""A pipeline that takes one of three ways by the quality of its data: a thin DAG, and its steps."""
