"""Gives each test its own DATA_ROOT, and its own MLflow where it asks for one."""

from fixtures.tracking_stores import data_root, server

__all__ = ["data_root", "server"]
