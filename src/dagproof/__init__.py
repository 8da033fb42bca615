"""dagproof proves an Airflow DAG repository before it merges."""

__version__ = "0.1.0"
