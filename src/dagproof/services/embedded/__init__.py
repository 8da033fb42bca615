"""Servers of this machine: Postgres from a wheel, MLflow and moto forked from loaded processes."""
