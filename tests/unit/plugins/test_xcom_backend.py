"""Sparse matrices come back from XCom exactly as they went, by reference and without pickle."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from mlops import sparse_npz, storage
from mlops.storage import StorageError
from mlops.xcom_backend import SparseMatrixXComBackend as Backend

WHERE = {"key": "return_value", "dag_id": "d", "task_id": "t", "run_id": "r:1+0", "map_index": -1}
FORMATS = ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
DTYPES = ("?", "i1", "u1", "i2", "i4", "i8", "u8", "f4", "f8", "c8", "c16", "g")
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def push(value, **where):
    """What the metadata database holds: JSON and nothing else."""
    sent = Backend.serialize_value(value, **(WHERE | where))
    return SimpleNamespace(value=json.loads(json.dumps(sent, allow_nan=False)))


def round_trip(value):
    return Backend.deserialize_value(push(value))


def parts(matrix):
    """All that a sparse matrix stores, explicit zeros and order included."""
    names = {"csr": 3, "csc": 3, "bsr": 3}
    if matrix.format in names:
        return [matrix.data, matrix.indices, matrix.indptr]
    if matrix.format == "coo":
        return [matrix.data, *matrix.coords]
    if matrix.format == "dia":
        return [matrix.data, matrix.offsets]
    held = matrix.tocoo()
    return [held.data, *held.coords]


def assert_same(one, other):
    assert type(one) is type(other)
    assert one.shape == other.shape
    assert one.dtype == other.dtype
    for mine, yours in zip(parts(one), parts(other), strict=True):
        assert mine.dtype == yours.dtype
        np.testing.assert_array_equal(mine, yours)


@st.composite
def matrices(draw):
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    dense = draw(hnp.arrays(dtype, shape, fill=st.just(np.zeros((), dtype)[()])))
    wrap = draw(st.sampled_from([sparse.coo_matrix, sparse.coo_array]))
    return wrap(dense).asformat(draw(st.sampled_from(FORMATS)))


@SLOW
@given(matrices())
def test_any_format_shape_and_dtype_round_trips(matrix):
    assert_same(round_trip(matrix), matrix)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (3, 4)])
@pytest.mark.parametrize("name", FORMATS)
def test_empty_matrices_round_trip(shape, name):
    for wrap in (sparse.coo_matrix, sparse.coo_array):
        if 0 in shape and name == "bsr":
            continue  # SciPy builds no such matrix
        matrix = wrap(np.zeros(shape)).asformat(name)
        assert_same(round_trip(matrix), matrix)


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("of", [sparse.csr_matrix, sparse.csc_array])
def test_index_type_explicit_zeros_duplicates_and_order_stay(of, index):
    matrix = of((2, 3))
    matrix.data = np.array([0.0, 2.0, 3.0])
    matrix.indices = np.array([1, 0, 0], dtype=index)
    matrix.indptr = np.array([0, 3, 3] if of is sparse.csr_matrix else [0, 3, 3, 3], dtype=index)
    assert_same(round_trip(matrix), matrix)


@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_index_type_of_coo_and_dia_stays(index):
    coo = sparse.coo_array(np.eye(3))
    coo.coords = tuple(axis.astype(index) for axis in coo.coords)
    dia = sparse.dia_array(np.eye(3))
    dia.offsets = dia.offsets.astype(index)
    for matrix in (coo, dia):
        assert_same(round_trip(matrix), matrix)


@pytest.mark.parametrize("shape", [(4,), (2, 3, 2)])
def test_arrays_of_other_dimensions_round_trip(shape):
    matrix = sparse.coo_array(np.arange(np.prod(shape)).reshape(shape))
    assert_same(round_trip(matrix), matrix)


def test_byte_order_and_views_stay():
    matrix = sparse.csr_array(np.eye(4))
    matrix.data = np.arange(8.0)[::2]
    assert_same(round_trip(matrix), matrix)


def test_nan_and_infinity_inside_a_matrix_round_trip():
    assert_same(round_trip(matrix := sparse.csr_matrix([[np.nan, np.inf], [0, -np.inf]])), matrix)


def test_matrices_inside_containers_round_trip():
    matrix = sparse.csr_matrix(np.eye(3))
    back = round_trip({"x": [1, (matrix, "a")], "y": {"z": matrix}})
    assert back["x"][0] == 1
    assert isinstance(back["x"][1], tuple)
    assert back["x"][1][1] == "a"
    assert_same(back["x"][1][0], matrix)
    assert_same(back["y"]["z"], matrix)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda items: st.lists(items) | st.dictionaries(st.text(), items),
)


@SLOW
@given(plain)
@example({"mlops": 1})
def test_values_without_matrices_go_as_airflow_sends_them(value):
    from airflow.sdk.bases.xcom import BaseXCom

    assume("mlops.sparse" not in repr(value))
    try:
        expected = BaseXCom.serialize_value(value)
    except AttributeError:  # Airflow reserves a few keys
        return
    assert Backend.serialize_value(value, **WHERE) == expected
    assert round_trip(value) == BaseXCom.deserialize_value(SimpleNamespace(value=expected))


def test_reserved_key_is_refused():
    with pytest.raises(ValueError, match=r"`mlops\.sparse` is reserved"):
        push({"mlops.sparse": "file:///etc/passwd"})


def test_matrix_of_objects_is_refused_and_leaves_nothing(data_root):
    matrix = sparse.csr_matrix(np.eye(2))
    matrix.data = np.array([{}, []], dtype=object)
    with pytest.raises(TypeError, match="convert its dtype"):
        push(matrix)
    assert not data_root.exists()


def test_the_database_shows_what_the_matrix_is():
    sent = push(sparse.csr_matrix(np.eye(2))).value
    assert sent["mlops.sparse"].endswith(".npz")
    assert {name: sent[name] for name in ("format", "shape", "dtype", "nnz")} == {
        "format": "csr",
        "shape": [2, 2],
        "dtype": "float64",
        "nnz": 2,
    }


def test_retry_with_the_same_value_writes_the_same_file(data_root):
    matrix = sparse.csr_matrix(np.eye(3))
    assert push(matrix).value == push(matrix.copy()).value
    assert len([path for path in data_root.rglob("*") if path.is_file()]) == 1


def test_retry_with_another_value_leaves_the_first_readable():
    first = push(sparse.csr_matrix(np.eye(3)))
    second = push(sparse.csr_matrix(2 * np.eye(3)))
    assert Backend.deserialize_value(first)[0, 0] == 1
    assert Backend.deserialize_value(second)[0, 0] == 2


def test_mapped_tasks_and_keys_share_no_file():
    matrix = sparse.csr_matrix(np.eye(3))
    sent = [push(matrix), push(matrix, map_index=0), push(matrix, map_index=1)]
    sent += [push(matrix, key="other"), push(matrix, run_id="r_1_0")]
    assert len({one.value["mlops.sparse"] for one in sent}) == 5


def test_purge_removes_the_files_of_this_xcom_only(data_root):
    matrix = sparse.csr_matrix(np.eye(3))
    mine, other = push([matrix, 2 * matrix]), push(matrix, map_index=0)
    Backend.purge(mine)
    Backend.purge(mine)
    assert [path.name for path in data_root.rglob("*.npz")] == [
        other.value["mlops.sparse"].rsplit("/", 1)[-1]
    ]
    with pytest.raises(StorageError, match="does not exist"):
        Backend.deserialize_value(mine)


def test_purge_touches_nothing_outside_its_folder(data_root, tmp_path):
    push(sparse.csr_matrix(np.eye(2)))  # so that the folder is there to climb out of
    precious = tmp_path / "precious"
    precious.write_text("")
    for address in (f"file://{precious}", f"file://{data_root}/xcom/../../precious"):
        Backend.purge(SimpleNamespace(value={"mlops.sparse": address}))
    assert precious.exists()


def test_purge_of_other_values_is_no_error():
    for value in (None, 1, "x", [], {"__classname__": "no.such.Class", "__version__": 1}):
        Backend.purge(SimpleNamespace(value=value))


def test_row_of_the_database_is_shown_without_being_fetched():
    sent = push({"x": sparse.csr_matrix(np.eye(2))})
    Backend.purge(sent)
    row = SimpleNamespace(value=sent.value, __tablename__="xcom")
    assert Backend.deserialize_value(row)["x"]["shape"] == [2, 2]


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_pickle_in_a_matrix_file_is_not_loaded(tmp_path):
    sprung = tmp_path / "sprung"
    sent = push(sparse.csr_matrix(np.eye(2)))
    with storage.publish(sent.value["mlops.sparse"]) as path, path.open("wb") as file:
        np.savez(file, header=np.array("{}"), data=np.array([Trap(sprung)], dtype=object))
    with pytest.raises(StorageError, match=r"is damaged \(.*; clear the task that pushed it"):
        Backend.deserialize_value(sent)
    assert not sprung.exists()


def test_truncated_matrix_file_is_damaged(tmp_path):
    path = tmp_path / "x.npz"
    sparse_npz.write(path, sparse.csr_matrix(np.eye(50)))
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="holds no sparse matrix"):
            sparse_npz.read(path)
