"""What tasks promise by their annotations and examples is tried on the real Airflow."""

import dataclasses
import enum
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from dagproof.airflow_compat import xcoms
from dagproof.contracts import promises
from dagproof.contracts.promises import broken_promises

AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))
SDK = tuple(map(int, version("apache-airflow-task-sdk").split(".")[:3]))


class Colour(enum.StrEnum):
    """Text that is an Enum."""

    RED = "red"


class Pair(NamedTuple):
    """A tuple with names."""

    left: int


class Row(TypedDict):
    """A dict of known keys."""

    name: str
    score: float


@dataclasses.dataclass
class Split:
    """A record."""

    train: str


@pytest.fixture(autouse=True)
def _plain_airflow(monkeypatch):
    """Use Airflow's own backend, and forget what was found before."""
    from airflow.sdk.bases.xcom import BaseXCom

    monkeypatch.setattr(xcoms, "backend", lambda: BaseXCom)
    promises._known.clear()


def returning(annotation):
    def extract():
        """Return nothing."""

    extract.__annotations__["return"] = annotation
    return extract


def found(annotation, **options):
    return list(broken_promises("d", "t", returning(annotation), **options))


def examples(*values, **options):
    return list(broken_promises("d", "t", returning(Any), examples=values, **options))


@pytest.mark.parametrize(
    "annotation",
    [
        int, str, float, bool, list[int], dict[str, int], dict[str, Any], dict, list, tuple,
        tuple[int, str], tuple[int, ...], set[int], frozenset[str], int | None, datetime, date,
        timedelta, Decimal, Row, list[dict[str, tuple[float, ...]]], np.int64, Any, object, None,
    ],
)  # fmt: skip
def test_right_annotations_are_silent(annotation):
    assert found(annotation) == []


@pytest.mark.skipif(SDK < (1, 3, 1), reason="with pandas 3 only from SDK 1.3.1")
def test_tables_are_silent():
    assert found(pd.DataFrame) == []


def test_record_of_a_module_that_is_allowed_is_silent(monkeypatch):
    if AIRFLOW >= (3, 2):
        from airflow.sdk import serde
    else:
        from airflow.serialization import serde
    monkeypatch.setattr(serde, "_extra_allowed", {*serde._extra_allowed, f"{__name__}.Split"})
    monkeypatch.setitem(__import__("sys").modules, __name__, SimpleNamespace(Split=Split))
    assert found(Split) == []


@pytest.mark.parametrize(
    ("annotation", "offence", "message"),
    [
        (
            dict[int, str],
            "lossy-xcom",
            "`extract` returns `dict[int, str]`, and `{'0': ''}` comes back for `{0: ''}`",
        ),
        (Pair, "lossy-xcom", "and `(0,)` comes back for `Pair(left=0)`"),
        (list[Pair], "lossy-xcom", "and `[(0,)]` comes back for `[Pair(left=0)]`"),
        (Colour, "lossy-xcom", "and `'red'` comes back for `<Colour.RED: 'red'>`"),
        (Split, "pull-only-failure", "and `Split(train='')` can be pushed but not read back: `Imp"),
        (list[Split], "pull-only-failure", "`[Split(train='')]` can be pushed but not read back"),
        (bytes, "unpushable-xcom", "and XCom cannot carry `b''`: `TypeError: "),
        (Path, "unpushable-xcom", "XCom cannot carry `PosixPath('a')`"),
        (sparse.csr_matrix, "unpushable-xcom", "XCom cannot carry `<Compressed Sparse Row sparse"),
        (np.ndarray, "unpushable-xcom", "XCom cannot carry `array([0.])`"),
    ],
)
def test_broken_promise_is_told_once_with_the_smallest_value(annotation, offence, message):
    [one] = found(annotation)
    assert (one.offence, one.dag_id, one.task_id) == (offence, "d", "t")
    assert message in one.message
    assert one.place == (__file__, returning(int).__code__.co_firstlineno)
    assert one.field == "return_value"


def test_loss_has_a_diff_of_two_lines():
    [one] = found(dict[int, str])
    assert one.detail == "- value: the key 0\n+ value: the key '0'"


def test_union_of_two_wrongs_has_both():
    assert {one.offence for one in found(bytes | Pair)} == {"lossy-xcom", "unpushable-xcom"}


@pytest.mark.skipif(AIRFLOW < (3, 2), reason="Airflow 3.0 and 3.1 cannot serialize it")
def test_imaginary_part_is_the_smallest_that_there_is():
    [one] = found(np.complex128)
    assert "`np.complex128(0j)` comes back for `np.complex128(1j)`" in one.message


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        ("Missing", "its return annotation needs `Missing`, which is not there when the file runs"),
        (SimpleNamespace, "no value of"),
    ],
)
def test_annotation_that_cannot_be_tried_is_said_and_examples_go_on(annotation, why):
    if annotation is SimpleNamespace:
        annotation = type("Opaque", (), {"__init__": lambda self, inside: None})
    told = found(annotation, examples=[{7: 1}])
    assert [one.offence for one in told] == ["unproved-contract", "lossy-xcom"]
    assert told[0].message.startswith("What `extract` returns cannot be tried: ")
    assert why in told[0].message
    assert told[0].place is not None


def test_backend_without_its_storage_makes_no_finding_but_a_sentence(monkeypatch):
    from airflow.sdk.bases.xcom import BaseXCom

    class Backend(BaseXCom):
        @staticmethod
        def serialize_value(value, **_):
            raise ConnectionError("s3.test")

    monkeypatch.setattr(xcoms, "backend", lambda: Backend)
    told = found(int, examples=[1])
    assert [one.offence for one in told] == ["unproved-contract", "unproved-contract"]
    assert "the XCom backend cannot reach its storage: `ConnectionError: s3.test`" in (
        told[0].message
    )
    assert told[1].message.startswith("The example value 1 of `extract` cannot be tried")


def test_each_kind_of_wrong_example_is_told():
    told = examples(
        {"ok": 1}, {7: 1}, b"x", float("nan"), Split("a"), "x" * 300, {"password": "k7Gq-2vXw"},
        budget=300,
    )  # fmt: skip
    assert [one.offence for one in told] == [
        "lossy-xcom",
        "unpushable-xcom",
        "non-finite-xcom-value",
        "pull-only-failure",
        "oversized-xcom",
        "secret-in-xcom",
    ]
    assert [one.message.partition(", and ")[0] for one in told] == [
        f"`extract` has the example value {number}" for number in range(2, 8)
    ]
    assert "k7Gq" not in repr(told)


def test_only_text_keys_make_outputs_of_their_own():
    assert found(dict[str, int], multiple_outputs=True) == []
    [one] = found(dict[int, int], multiple_outputs=True)
    assert one.offence == "unpushable-xcom"
    assert "with `multiple_outputs` Airflow refuses the key `0`, which is no text" in one.message
    [one] = found(list[int], multiple_outputs=True)
    assert "refuses `[]`, which is no dict" in one.message
    [one] = examples([1], multiple_outputs=True)
    assert "refuses `[1]`, which is no dict" in one.message
    assert found(dict[str, int] | None, multiple_outputs=True) == []


def test_known_annotation_is_not_tried_again_and_is_told_again(monkeypatch):
    tried, sent, send = [], [], promises.round_trip
    monkeypatch.setattr(promises, "round_trip", lambda *value: sent.append(1) or send(*value))
    first = found(dict[int, str], on_value=tried.append)
    count = len(sent)
    second = list(broken_promises("e", "u", returning(dict[int, str]), on_value=tried.append))
    assert count > 10
    assert len(sent) == count
    assert len(tried) == 2 * count
    assert [one.message for one in first] == [one.message for one in second]
    assert (second[0].dag_id, second[0].task_id) == ("e", "u")


def test_two_searches_find_the_same():
    first = found(dict[int, tuple[Pair, ...]])
    promises._known.clear()
    assert found(dict[int, tuple[Pair, ...]]) == first


def test_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found(dict[int, str] | Path | Exception)
    assert list(tmp_path.iterdir()) == []
