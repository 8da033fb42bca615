"""The smallest DAG that logs to MLflow."""
