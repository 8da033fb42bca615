"""Gives each test of the iris steps its own DATA_ROOT and its own MLflow."""

from fixtures.tracking_stores import data_root, server

__all__ = ["data_root", "server"]
