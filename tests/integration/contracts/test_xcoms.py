"""Values go through Airflow's real serializers and backends, without any database."""

import collections
import dataclasses
import enum
import math
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from airflow.sdk.bases.xcom import BaseXCom
from scipy import sparse

from dagproof.airflow_compat import xcoms
from dagproof.airflow_compat.xcom_storage import storage_environment
from dagproof.airflow_compat.xcoms import round_trip
from dagproof.contracts.losses import losses
from mlops.xcom_backend import SparseMatrixXComBackend

AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))
SDK = tuple(map(int, version("apache-airflow-task-sdk").split(".")[:3]))


class Colour(enum.StrEnum):
    """Text that is an Enum."""

    RED = "red"


class Pair(NamedTuple):
    """A tuple with names."""

    left: object


@dataclasses.dataclass
class Split:
    """A record."""

    train: str


def carried(value, **options):
    """Push and pull by Airflow's own backend."""
    return round_trip(value, backend_class=BaseXCom, **options)


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        0,
        0.0,
        "",
        [],
        {},
        "é名\U0001f600 \"'\\\n",
        2**63 - 1,
        -(2**63),
        1e300,
        [1, [2, {"a": [None, True]}]],
        (1, (2, [3])),
        {1, 2},
        frozenset({"a"}),
        {"a": (1,), "b": {2}},
        datetime(2024, 1, 1, 12, 30, 15, 123456, tzinfo=UTC),
        datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2024, 1, 1),  # noqa: DTZ001 - naive on purpose
        date(2024, 1, 1),
        timedelta(days=2, seconds=1.5),
        Decimal("1.25"),
        Decimal(12),
        np.int64(3),
        np.uint8(3),
    ],
)
def test_right_values_come_back_as_they_were(value):
    trip = carried(value)
    assert (trip.failure, trip.read_back) == (None, True)
    assert losses(value, trip.pulled) == []


@pytest.mark.skipif(AIRFLOW < (3, 2), reason="Airflow 3.0 and 3.1 cannot serialize these")
@pytest.mark.parametrize("value", [np.float32(1.1), np.bool_(1), np.float64(0.5)])
def test_numpy_scalars_keep_their_types(value):
    trip = carried(value)
    assert losses(value, trip.pulled) == []


@pytest.mark.skipif(SDK < (1, 3, 1), reason="with pandas 3 only from SDK 1.3.1")
def test_tables_keep_index_columns_and_types():
    table = pd.DataFrame({"a": [1, 2], "b": [None, "x"]}, index=pd.Index([5, 6], name="n"))
    assert losses(table, carried(table).pulled) == []


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ({7: 1}, ["key"]),
        ({1: "a", "1": "b"}, ["collapsed-key"]),
        (Pair(1), ["class"]),
        ([Pair({2: 3})], ["class", "key"]),
        (collections.OrderedDict(a=1), ["class"]),
        (Colour.RED, ["class"]),
        (Decimal("1.2345678901234567890"), ["value"]),
    ],
)
def test_losses_are_airflows_own(value, kinds):
    assert [one.kind for one in losses(value, carried(value).pulled)] == kinds


@pytest.mark.skipif(AIRFLOW < (3, 2), reason="Airflow 3.0 and 3.1 cannot serialize it")
@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_imaginary_part_is_lost():
    value = np.complex128(1 + 2j)
    assert [one.kind for one in losses(value, carried(value).pulled)] == ["imaginary"]


@pytest.mark.parametrize(
    ("value", "stage", "kind"),
    [
        (b"x", "push", "TypeError"),
        (Path("a"), "push", "TypeError"),
        (object(), "push", "TypeError"),
        ((n for n in ()), "push", "TypeError"),
        (np.array([1]), "push", "TypeError"),
        (pd.Series([1]), "push", "TypeError"),
        (sparse.csr_matrix([[1]]), "push", "TypeError"),
        ({"__classname__": "x"}, "push", "AttributeError"),
        (math.nan, "non-finite", "ValueError"),
        ({"a": [1, math.inf]}, "non-finite", "ValueError"),
        (Decimal("NaN"), "non-finite", "ValueError"),
        (2**64, "wire", "OverflowError"),
        ("\ud800", "wire", "UnicodeEncodeError"),
        ("a\0b", "wire", "ValueError"),
        (Split("a"), "pull", "ImportError"),
        (datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))), "pull", "ValueError"),
    ],
)
def test_place_where_a_value_gets_stuck_is_known(value, stage, kind):
    failure = carried(value).failure
    assert (failure.stage, failure.type) == (stage, kind)
    assert "\n" not in failure.text


def test_text_that_spells_an_escape_is_no_nul():
    assert carried("\\u0000").failure is None
    assert carried("\\\0").failure.stage == "wire"


def test_uuid_comes_back_where_airflow_knows_it():
    value = uuid.UUID(int=7)
    trip = carried(value)
    assert trip.failure is not None if AIRFLOW < (3, 2) else trip.pulled == value


def test_circle_is_refused_and_does_not_hang():
    circle = []
    circle.append(circle)
    assert carried(circle).failure.stage in {"push", "wire"}


def test_size_is_that_of_the_json_in_bytes():
    assert carried("é").stored == 4
    assert carried([1, 2]).stored == 5
    assert carried("x" * 1000).elsewhere == 0
    assert carried(b"x").stored is None


def test_value_that_is_too_large_is_not_read_back(monkeypatch):
    monkeypatch.setattr(xcoms, "LARGEST_READ_BACK", 100)
    small, large = carried("x" * 98), carried("x" * 99)
    assert (small.read_back, large.read_back) == (True, False)
    assert (large.stored, large.failure, large.pulled) == (101, None, None)


def test_place_of_a_push_reaches_the_backend():
    seen = []

    class Backend(BaseXCom):
        @staticmethod
        def serialize_value(value, **where):
            seen.append(where)
            return value

        @staticmethod
        def deserialize_value(result):
            seen.append(result.value)
            return result.value

        @classmethod
        def purge(cls, xcom, *_):
            seen.append(("purged", xcom.value))

    place = {"dag_id": "d", "run_id": "r", "map_index": 3}
    assert round_trip({"a": 1}, key="k", place=place, backend_class=Backend).pulled == {"a": 1}
    assert seen == [
        {"dag_id": "d", "task_id": "dagproof", "run_id": "r", "map_index": 3, "key": "k"},
        {"a": 1},
        ("purged", {"a": 1}),
    ]
    round_trip({"a": 1}, backend_class=Backend, keep=True)
    assert seen[-1] == {"a": 1}, "it is not purged"


def test_value_is_pushed_before_a_wrong_backend_fails_to_read_it():
    class Backend(BaseXCom):
        @staticmethod
        def deserialize_value(result):
            raise KeyError(result.value)

    failure = round_trip("x", backend_class=Backend).failure
    assert (failure.stage, failure.words) == ("pull", "KeyError: 'x'")


def test_backend_without_its_storage_is_not_the_values_fault():
    class Backend(BaseXCom):
        @staticmethod
        def serialize_value(value, **_):
            raise RuntimeError("no bucket") from ConnectionError(value)

    assert round_trip("x", backend_class=Backend).failure.stage == "storage"


@pytest.fixture
def sparse_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}")
    return tmp_path


def test_own_backend_carries_matrices_beside_the_database(sparse_root):
    matrix = sparse.csr_matrix(([0.0, 2.0], ([0, 2], [1, 3])), shape=(3, 4))
    trip = round_trip({"x": matrix}, backend_class=SparseMatrixXComBackend)
    assert losses({"x": matrix}, trip.pulled) == []
    assert trip.stored < 400
    assert trip.elsewhere > 400
    assert not [path for path in sparse_root.rglob("*") if path.is_file()], "it was purged"


def test_addresses_that_a_task_returns_are_not_counted_as_the_backends(sparse_root):
    own = sparse_root / "big.bin"
    own.write_bytes(b"x" * 5000)
    trip = round_trip({"uri": f"file://{own}"}, backend_class=SparseMatrixXComBackend)
    assert trip.elsewhere == 0
    assert own.exists()


def test_configured_backend_is_the_one_that_is_used(tmp_path):
    code = """
from dagproof.airflow_compat.xcoms import backend, round_trip
small, large = round_trip("x"), round_trip("x" * 1000)
print(backend().__name__, small.stored, small.elsewhere, large.stored < 300, large.elsewhere,
      large.pulled == "x" * 1000, list(__import__("pathlib").Path(FOLDER).rglob("*.json")))
"""
    environment = {
        "PATH": "/usr/bin",
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "AIRFLOW__CORE__XCOM_BACKEND": (
            "airflow.providers.common.io.xcom.backend.XComObjectStorageBackend"
        ),
        "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_THRESHOLD": "100",
        **storage_environment(tmp_path / "store"),
    }
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"FOLDER = {str(tmp_path / 'store')!r}\n{code}"],
        capture_output=True, text=True, env=environment, check=True,
    )  # fmt: skip
    told = shown.stdout.strip().splitlines()[-1]
    assert told == "XComObjectStorageBackend 3 0 True 1002 True []"


def test_classes_that_operators_declare_are_allowed_where_airflow_does():
    xcoms.allow_classes_of(SimpleNamespace(tasks=[]))  # raises nowhere


def test_names_and_texts_are_asked_of_airflows_masker():
    assert xcoms.is_sensitive("my_api_key")
    assert not xcoms.is_sensitive("rows")
    assert not xcoms.is_masked("a text that nobody masked")
    xcoms._masker().mask_secret("k7Gq-2vXw-masked")
    assert xcoms.is_masked("k7Gq-2vXw-masked")
    assert not xcoms.is_masked("it holds k7Gq-2vXw-masked")
