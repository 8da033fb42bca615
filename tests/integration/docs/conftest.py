"""Readers of the documentation."""

import shutil

import pytest
from integration.docs.shell import Reader


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """What dagproof keeps for all pages."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def reader(tmp_path, cache):
    made = Reader(home=tmp_path, cache=cache)
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)
