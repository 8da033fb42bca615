"""A DAG that proves Python, Bash and XCom of an installation: `dag.py`, and its steps."""
