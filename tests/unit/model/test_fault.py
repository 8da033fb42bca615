"""Faults are spelt in one way, and what cannot be is refused in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import Fault, UsageError
from dagproof.model.fault import HTTP_KINDS, KINDS, SERVICES


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mlflow:500", Fault("mlflow", "500")),
        ("mlflow:down@train,seconds=5", Fault("mlflow", "down", "train", seconds=5)),
        ("s3:readonly@a.b,share=0.5", Fault("s3", "readonly", "a.b", share=0.5)),
        ("s3:slow,delay=0.2", Fault("s3", "slow", delay=0.2)),
        ("postgres:cut@x,attempts=2", Fault("postgres", "cut", "x", attempts=2)),
    ],
)
def test_fault_is_what_it_is_spelt(text, fault):
    assert Fault.parse(text) == fault
    assert str(fault) == text


@st.composite
def faults(draw):
    kind = draw(st.sampled_from(KINDS))
    services = [one for one in SERVICES if one != "postgres" or kind not in HTTP_KINDS]
    at = draw(st.none() | st.text("abc.-_0", min_size=1))
    number = st.none() | st.integers(1, 9999)
    return Fault(
        draw(st.sampled_from(services)),
        kind,
        at,
        seconds=draw(number),
        attempts=None if at is None else draw(number),
        share=1.0 if kind in {"down", "restart"} else draw(st.sampled_from([1.0, 0.5, 0.1])),
        delay=draw(st.sampled_from([1.0, 0.25, 30.0])) if kind == "slow" else 1.0,
    )


@given(faults())
def test_every_fault_is_read_as_it_is_written(fault):
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mlflow", "`mlflow` is no fault; one is spelt `SERVICE:KIND[@TASK][,seconds=N]"),
        ("", "`` is no fault; one is spelt `SERVICE:KIND"),
        ("redis:down", "Faults know no service `redis`; there are `postgres`, `mlflow`, `s3`."),
        ("s3:dwn", "Faults know no kind `dwn`; there are `down`, `restart`, `slow`, `500`,"),
        ("postgres:500", "cannot be `500`; it can be `down`, `restart`, `slow`, `reset`, `cut`."),
        ("postgres:readonly", "Postgres speaks no HTTP, so that it cannot be `readonly`"),
        ("s3:500@", "There is no fault `s3:500@`: `@` needs the id of a task."),
        ("s3:500,sekonds=1", "has no option `sekonds`; there are `seconds`, `attempts`,"),
        ("s3:500,", "has no option ``; there are"),
        ("s3:500,seconds=1,seconds=2", "has twice an option `seconds`"),
        ("s3:500,seconds", "needs a number for `seconds`, not ``."),
        ("s3:500,seconds=x", "needs a number for `seconds`, not `x`."),
        ("s3:500@a,attempts=1.5", "needs a whole number for `attempts`, not `1.5`."),
        ("s3:500,seconds=0", "`seconds` must be a number above 0."),
        ("s3:500,seconds=nan", "`seconds` must be a number above 0."),
        ("s3:500,seconds=inf", "`seconds` must be a number above 0."),
        ("s3:500@a,attempts=0", "`attempts` must be a whole number from 1 on."),
        ("s3:500,attempts=1", "`attempts` are those of a task, which `@TASK` names."),
        ("s3:500,share=0", "`share` must be above 0 and at most 1."),
        ("s3:500,share=1.1", "`share` must be above 0 and at most 1."),
        ("s3:500,share=nan", "`share` must be above 0 and at most 1."),
        ("s3:slow,delay=-1", "`delay` must be a number of seconds above 0."),
        ("s3:slow,delay=inf", "`delay` must be a number of seconds above 0."),
        ("s3:500,delay=2", "`delay` is for `slow` alone."),
        ("s3:down,share=0.5", "a service that is `down` is so for all; leave out `share`."),
    ],
)
def test_what_is_no_fault_is_refused_with_what_there_is(text, sentence):
    with pytest.raises(UsageError) as caught:
        Fault.parse(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_restart_takes_a_second_unless_it_says_otherwise():
    assert Fault("s3", "restart").length == 1.0
    assert Fault("s3", "restart", seconds=3).length == 3
    assert Fault("s3", "down").length is None
    assert Fault("s3", "500", seconds=3).length == 3
