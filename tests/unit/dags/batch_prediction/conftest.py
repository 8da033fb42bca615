"""Gives each test a DATA_ROOT and an MLflow of its own."""

from fixtures.iris_family import data_root, family, server  # noqa: F401 - fixtures
