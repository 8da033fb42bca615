"""Gives each test a DATA_ROOT and an MLflow of its own."""

from fixtures.iris_family import family
from fixtures.tracking_stores import data_root, server

__all__ = ["data_root", "family", "server"]
