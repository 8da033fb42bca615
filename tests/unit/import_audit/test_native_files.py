"""What native code does to files is listed by names that the libraries have."""

import importlib
from importlib.util import find_spec

import pytest
from forked import forked

from dagproof.import_audit.native_files import NATIVE_FILES
from dagproof.model import Kind

KINDS = {Kind.FILESYSTEM_READ, Kind.FILESYSTEM_WRITE, Kind.DATABASE}


def test_every_entry_is_a_function_or_a_method_of_a_module():
    for module, functions in NATIVE_FILES.items():
        assert functions, module
        for path, kind in functions.items():
            assert kind in KINDS
            assert all(part.isidentifier() for part in path.split("."))
            assert path.count(".") <= 1


@pytest.mark.parametrize("module", ["pyarrow.parquet", "pyarrow.csv", "polars", "pandas"])
def test_reads_and_writes_are_told_apart(module):
    for path, kind in NATIVE_FILES[module].items():
        name = path.rpartition(".")[2]
        assert (kind is Kind.FILESYSTEM_READ) is name.startswith(("read_", "scan_", "open_"))


@pytest.mark.parametrize(
    "module", ["pyarrow.parquet", "pyarrow.csv", "pyarrow.json", "pyarrow.feather", "pyarrow.orc"]
)
def test_names_are_those_that_the_library_has(module):
    if find_spec("pyarrow") is None:
        pytest.skip("pyarrow is not installed")

    def missing():
        loaded = importlib.import_module(module)
        return [name for name in NATIVE_FILES[module] if not hasattr(loaded, name)]

    assert forked(missing) == []
