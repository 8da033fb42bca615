"""The XCom backend keeps the contract of all backends, and sparse matrices exactly."""

import pickle
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from dagproof.testing import LostInXComError, XComBackendContract, xcom_round_trip
from mlops.storage import StorageError
from mlops.xcom_backend import SparseMatrixXComBackend

FORMATS = ("csr", "csc", "coo", "dia", "lil", "dok", "bsr")
DTYPES = ("?", "i1", "u2", "i4", "i8", "u8", "f4", "f8", "c8", "c16")
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def matrices(draw, formats=FORMATS):
    """Any format, shape and dtype; rows may be empty, and stored values zero."""
    shape = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    places = st.tuples(*(st.integers(0, max(length - 1, 0)) for length in shape))
    stored = draw(st.lists(places, unique=True, max_size=8 if all(shape) else 0))
    values = draw(hnp.arrays(draw(st.sampled_from(DTYPES)), len(stored)))
    rows, columns = np.array(stored, dtype=np.int32).reshape(-1, 2).T
    made = draw(st.sampled_from([sparse.coo_matrix, sparse.coo_array]))
    known = [one for one in formats if one != "bsr" or all(shape)]  # SciPy has no empty one
    return made((values, (rows, columns)), shape=shape).asformat(draw(st.sampled_from(known)))


class TestSparseMatrices(XComBackendContract):
    """All that every backend must keep, and the matrices that this one is for."""

    backend = SparseMatrixXComBackend
    values = matrices() | st.dictionaries(st.sampled_from("ab"), matrices(), max_size=2)


@PATIENT
@given(matrices())
def test_format_dtype_shape_and_explicit_zeros_are_kept(matrix):
    pulled = xcom_round_trip(matrix, SparseMatrixXComBackend).pulled
    assert type(pulled) is type(matrix)
    assert (pulled.dtype, pulled.shape, pulled.nnz) == (matrix.dtype, matrix.shape, matrix.nnz)
    np.testing.assert_array_equal(pulled.toarray(), matrix.toarray())


@pytest.mark.parametrize("name", FORMATS)
def test_pickle_is_never_used(monkeypatch, name):
    for function in ("dump", "dumps", "load", "loads", "Pickler", "Unpickler"):
        monkeypatch.delattr(pickle, function)
    matrix = sparse.eye_array(3, format=name)
    assert xcom_round_trip(matrix, SparseMatrixXComBackend).losses == ()


def test_matrix_that_only_pickle_could_write_is_refused_at_push():
    matrix = sparse.csr_array(np.eye(2))
    matrix.data = np.array([{}, []], dtype=object)
    with pytest.raises(LostInXComError, match="convert its dtype"):
        xcom_round_trip(matrix, SparseMatrixXComBackend)


@pytest.fixture
def stored(data_root):
    """A small matrix that was pushed: itself, what is in the database, and its file."""
    matrix = sparse.csr_array([[0, 1.5], [2.5, 0]])
    sent = SparseMatrixXComBackend.serialize_value(matrix, key="k")
    [file] = data_root.rglob("*.npz")
    return matrix, SimpleNamespace(value=sent), file


@PATIENT
@given(st.data())
def test_file_that_was_cut_off_says_which_task_to_clear(stored, data):
    _, sent, file = stored
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(StorageError, match=r"is damaged \(.*; clear the task that pushed it\.$"):
        SparseMatrixXComBackend.deserialize_value(sent)
    file.write_bytes(whole)


@PATIENT
@given(st.data())
def test_file_with_a_wrong_byte_is_never_another_matrix(stored, data):
    matrix, sent, file = stored
    whole = file.read_bytes()
    wrong = bytearray(whole)
    wrong[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(wrong)
    with suppress(StorageError):
        pulled = SparseMatrixXComBackend.deserialize_value(sent)
        np.testing.assert_array_equal(pulled.toarray(), matrix.toarray())
    file.write_bytes(whole)
