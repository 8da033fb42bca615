"""Searches find the smallest value for each fault, the same ones each time, and leave nothing."""

import os
import subprocess
import sys

import pytest
from hypothesis import strategies as st

from dagproof.contracts.annotations import UnprovedError
from dagproof.contracts.trying import smallest


def test_each_fault_is_found_with_its_smallest_value():
    def faults(value):
        found = [("big", value)] if value > 100 else []
        return [*found, ("odd", value)] if value % 2 else found

    assert smallest(st.integers(0, 10_000), faults, tries=50) == {"big": 101, "odd": 1}


def test_no_fault_is_no_fault_and_all_values_are_tried():
    tried = []
    assert smallest(st.integers(0, 10_000), lambda one: tried.append(one) or [], tries=30) == {}
    assert len(tried) == 30


def test_two_searches_try_the_same_values():
    def values():
        tried = []
        smallest(st.integers() | st.text(), lambda one: tried.append(one) or [], tries=40)
        return tried

    assert values() == values()


def test_strategy_that_raises_is_refused_in_one_sentence():
    def refuse(_):
        raise RuntimeError("no\nno")

    with pytest.raises(UnprovedError, match=r"^its class raises: RuntimeError: no$"):
        smallest(st.integers().map(refuse), lambda _: [], tries=5)
    with pytest.raises(UnprovedError, match="no value can be made: Unsatisfiable"):
        smallest(st.integers().filter(lambda _: False), lambda _: [], tries=5)


def test_fault_that_comes_and_goes_is_told_all_the_same():
    calls = []

    def faults(value):
        calls.append(value)
        return [("once", value)] if len(calls) == 3 else []

    assert list(smallest(st.integers(), faults, tries=20)) == ["once"]


def test_search_leaves_no_files_and_reads_no_sources_of_the_repository(tmp_path):
    code = """
from hypothesis import strategies as st
from hypothesis.internal import constants_ast
from dagproof.contracts.trying import smallest
constants_ast.constants_from_module = None
for strategy in (st.text(), st.integers(), st.floats(), st.binary()):
    smallest(strategy, lambda value: [("any", value)] if value else [], tries=200)
    smallest(strategy, lambda value: [], tries=200)
"""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("HYPOTHESIS_STORAGE_DIRECTORY", None)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_home_of_hypothesis_is_put_back():
    from hypothesis.configuration import storage_directory

    before = storage_directory("x", intent_to_write=False).path
    smallest(st.integers(), lambda _: [], tries=2)
    assert storage_directory("x", intent_to_write=False).path == before
