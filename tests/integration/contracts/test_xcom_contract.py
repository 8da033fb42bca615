"""The base class for tests of XCom backends: right ones pass, and each wrong one fails."""

import json
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from airflow.sdk.bases.xcom import BaseXCom
from hypothesis import strategies as st
from hypothesis.extra import numpy as made
from scipy import sparse

from dagproof.xcom_contract import XComBackendContract
from mlops.xcom_backend import SparseMatrixXComBackend

FORMATS = ("csr", "csc", "coo", "dia", "lil", "dok")
DTYPES = ("?", "i1", "i8", "f4", "f8", "c16")


@st.composite
def matrices(draw):
    """Any shape, dtype and format, with empty rows and explicit zeros."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    dense = draw(made.arrays(dtype, shape, fill=st.just(np.zeros((), dtype)[()])))
    wrap = draw(st.sampled_from([sparse.coo_matrix, sparse.coo_array]))
    matrix = wrap(dense)
    if draw(st.booleans()):
        matrix.data[:1] = 0
    return matrix.asformat(draw(st.sampled_from(FORMATS)))


@pytest.fixture(autouse=True)
def data_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}")


class TestAirflowsOwn(XComBackendContract):
    """Airflow's own backend."""

    backend = BaseXCom


class TestSparseMatrices(XComBackendContract):
    """The backend of this repository."""

    backend = SparseMatrixXComBackend
    values = matrices() | st.dictionaries(st.sampled_from("ab"), matrices(), max_size=2)


def test_purged_values_leave_no_file(tmp_path):
    TestSparseMatrices().test_two_values_do_not_overwrite_each_other()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class _Files(BaseXCom):
    """A right backend that keeps everything in a dict, to be made wrong in one way each."""

    held: dict = {}  # noqa: RUF012 - the storage that all of them share

    @classmethod
    def address(cls, **where):
        return "/".join(str(where[name]) for name in sorted(where))

    @classmethod
    def serialize_value(cls, value, **where):
        cls.held[cls.address(**where)] = cls.pack(value)
        return cls.address(**where)

    @classmethod
    def deserialize_value(cls, result):
        return cls.unpack(cls.held[result.value])

    @classmethod
    def purge(cls, xcom, *_):
        cls.held.pop(xcom.value, None)

    @staticmethod
    def pack(value):
        return json.dumps(value, allow_nan=False)

    @staticmethod
    def unpack(text):
        return json.loads(text)


class TestRightOne(XComBackendContract):
    """The one that the wrong ones are made of."""

    backend = _Files


class _ForgetsKeys(_Files):
    @classmethod
    def address(cls, **where):
        return super().address(**{**where, "key": ""})


class _ForgetsMapIndexes(_Files):
    @classmethod
    def address(cls, **where):
        return super().address(**{**where, "map_index": ""})


class _KeepsTheFirst(_Files):
    @classmethod
    def serialize_value(cls, value, **where):
        cls.held.setdefault(cls.address(**where), cls.pack(value))
        return cls.address(**where)


class _TakesFalsyForNone(_Files):
    @classmethod
    def deserialize_value(cls, result):
        return super().deserialize_value(result) or None


class _PurgesOnce(_Files):
    @classmethod
    def purge(cls, xcom, *_):
        del cls.held[xcom.value]


class _PurgesAll(_Files):
    @classmethod
    def purge(cls, *_):
        cls.held.clear()


class _WritesAscii(_Files):
    @classmethod
    def address(cls, **where):
        return super().address(**where).encode("ascii").decode()


class _CutsLongTexts(_Files):
    @staticmethod
    def pack(value):
        text = json.dumps(value, allow_nan=False)
        return text if len(text) < 65536 else json.dumps({"text": "cut"})


class _AcceptsAnything(_Files):
    @staticmethod
    def pack(value):
        return json.dumps(value, default=repr)

    @staticmethod
    def unpack(text):
        if "object at" in text:
            raise TypeError("no such class")
        return json.loads(text)


class _RoundsFloats(_Files):
    @staticmethod
    def unpack(text):
        return json.loads(text, parse_float=lambda digits: round(float(digits), 3))


class _LosesExplicitZeros(_Files):
    @staticmethod
    def pack(value):
        if sparse.issparse(value):
            value = value.copy()
            value.eliminate_zeros()
        return pickle.dumps(value)

    @staticmethod
    def unpack(data):
        return pickle.loads(data)  # noqa: S301 - we have just written it


@pytest.mark.parametrize(
    ("backend", "method"),
    [
        (_ForgetsKeys, "test_two_values_do_not_overwrite_each_other"),
        (_ForgetsMapIndexes, "test_two_values_do_not_overwrite_each_other"),
        (_KeepsTheFirst, "test_second_push_of_a_key_wins"),
        (_TakesFalsyForNone, "test_falsy_values_come_back"),
        (_PurgesOnce, "test_purge_of_a_value_does_not_raise"),
        (_PurgesAll, "test_purge_of_one_value_leaves_the_others"),
        (_WritesAscii, "test_any_key_will_do"),
        (_CutsLongTexts, "test_big_value_comes_back"),
        (_AcceptsAnything, "test_what_it_cannot_carry_is_refused_at_push"),
        (_RoundsFloats, "test_what_json_can_carry_comes_back_equal"),
    ],
)
def test_wrong_backend_fails_the_test_that_is_about_it(backend, method):
    backend.held.clear()
    case = type("Case", (XComBackendContract,), {"backend": backend})()
    with pytest.raises(AssertionError, match=backend.__name__):
        getattr(case, method)()


def test_smallest_value_that_loses_something_is_told():
    _LosesExplicitZeros.held.clear()
    given = {"backend": _LosesExplicitZeros, "values": matrices().filter(lambda one: one.nnz)}
    case = type("Case", (XComBackendContract,), given)()
    with pytest.raises(AssertionError, match=r"- value: 1 stored entries\n\+ value: 0 stored"):
        case.test_values_that_it_claims_to_carry_come_back_without_loss()


def test_class_without_a_backend_says_what_is_missing():
    with pytest.raises(AssertionError, match="Give Case the class that it tests: `backend`"):
        type("Case", (XComBackendContract,), {})().test_falsy_values_come_back()


def test_stored_results_are_what_airflow_gives_backends():
    from dagproof.airflow_compat import xcoms

    stored = xcoms.as_stored(b'{"a":1}', "k")
    assert (stored.key, stored.value) == ("k", {"a": 1})
    assert not isinstance(stored, SimpleNamespace)
