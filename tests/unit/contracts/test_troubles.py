"""What became of a value is judged in one sentence, and no sentence shows a secret."""

import pytest

from dagproof.airflow_compat import xcoms
from dagproof.airflow_compat.xcom_storage import is_out_of_reach
from dagproof.airflow_compat.xcoms import Failure, Trip
from dagproof.contracts import troubles as judging
from dagproof.contracts.secrets_in import secrets_in
from dagproof.contracts.troubles import in_bytes, in_code, non_finite, troubles

NAN = float("nan")


@pytest.fixture(autouse=True)
def _no_masker(monkeypatch):
    """Unit tests know no Airflow, whose masker is asked otherwise."""
    monkeypatch.setattr(judging, "is_sensitive", lambda _: False)
    monkeypatch.setattr(judging, "is_masked", lambda _: False)


def failed(stage, kind="TypeError", text="no `such` thing"):
    return Trip(failure=Failure(stage, kind, text))


def told(value, trip, **options):
    return [(one.offence, one.predicate) for one in troubles(value, trip, **options)]


def test_value_that_comes_back_is_silent():
    assert told({"a": (1,)}, Trip({"a": (1,)}, 10, read_back=True)) == []
    assert told({1: 2}, Trip(None, 10)) == [], "it was not read back"


def test_loss_is_told_with_both_values_and_a_diff():
    [one] = troubles({7: "a"}, Trip({"7": "a"}, 10, read_back=True))
    assert (one.offence, one.predicate) == (
        "lossy-xcom",
        "`{'7': 'a'}` comes back for `{7: 'a'}`",
    )
    assert one.detail == "- value: the key 7\n+ value: the key '7'"


def test_loss_inside_a_long_value_is_told_with_its_place():
    pushed = {"text": "x" * 200, "rates": {7: 1}}
    pulled = {"text": "x" * 200, "rates": {"7": 1}}
    assert told(pushed, Trip(pulled, 10, read_back=True)) == [
        ("lossy-xcom", "in `value[\"rates\"]` the key `'7'` comes back for the key `7`")
    ]


@pytest.mark.parametrize(
    ("stage", "offence", "predicate"),
    [
        ("push", "unpushable-xcom", "XCom cannot carry `1`: `TypeError: no 'such' thing`"),
        ("wire", "unpushable-xcom", "XCom cannot carry `1`: `TypeError: no 'such' thing`"),
        (
            "pull",
            "pull-only-failure",
            "`1` can be pushed but not read back: `TypeError: no 'such' thing`",
        ),
        (
            "storage",
            "out-of-reach",
            "the XCom backend cannot reach its storage: `TypeError: no 'such' thing`",
        ),
    ],
)
def test_each_place_to_get_stuck_has_its_offence(stage, offence, predicate):
    assert told(1, failed(stage)) == [(offence, predicate)]


def test_number_without_a_form_in_json_is_told_with_its_place():
    value = {"scores": [0.5, {"auc": NAN}, float("inf")]}
    predicate = 'JSON has no form for `nan` in `value["scores"][1]["auc"]`'
    assert told(value, failed("non-finite", "ValueError")) == [("non-finite-xcom-value", predicate)]
    assert told(NAN, failed("non-finite"))[0][1] == "JSON has no form for `nan`"
    assert "not finite" in told(object(), failed("non-finite"))[0][1]
    assert [path for path, _ in non_finite(value)] == ['["scores"][1]["auc"]', '["scores"][2]']


def test_size_above_the_budget_is_told_and_the_budget_itself_is_not():
    trip = Trip("x", 1025, read_back=True)
    assert told("x", trip, budget=1025) == []
    assert told("x", trip, budget=1024) == [
        (
            "oversized-xcom",
            "1.001 KiB go into the metadata database, where 1 KiB are the budget",
        )
    ]
    assert told("x", Trip("x", 10, 10**9, read_back=True)) == [], "it lies elsewhere"


def test_secrets_are_told_and_shown_in_no_other_sentence():
    value = {"password": "k7Gq-2vXw", 7: 1}
    found = troubles(value, Trip({"password": "k7Gq-2vXw", "7": 1}, 10, read_back=True))
    assert [one.offence for one in found] == ["secret-in-xcom", "lossy-xcom"]
    assert found[0].predicate == (
        'the value of `password` is in `value["password"]` readable in the metadata database'
    )
    assert "k7Gq" not in repr(found)
    stuck = troubles(value, failed("push", text="cannot do k7Gq-2vXw"))
    assert "k7Gq" not in repr(stuck)


def test_what_is_wrong_with_the_value_itself_has_no_place():
    assert told("AKIA" + "IOSFODNN7ABCDEFG", Trip("", 9)) == [
        ("secret-in-xcom", "an AWS access key is readable in the metadata database")
    ]
    pushed, pulled = tuple("x" * 20 for _ in range(5)), ["x" * 20 for _ in range(5)]
    [(_, predicate)] = told(pushed, Trip(pulled, 9, read_back=True))
    assert predicate.startswith("`['xxx")
    assert "value" not in predicate


def test_huge_lists_are_looked_at_in_part():
    class Endless(list):
        """A list that is longer than anybody should look."""

        def __iter__(self):
            for number in range(100_000):
                assert number < 60_000
                yield NAN if number == 7 else 0

    assert next(non_finite(Endless([0])))[0] == "[7]"
    assert secrets_in(Endless([0])) == []


def test_budget_is_a_mebibyte_where_nobody_sets_one():
    assert told("x", Trip("x", 1024 * 1024, read_back=True)) == []
    [(offence, predicate)] = told("x", Trip("x", 1024 * 1024 + 1, read_back=True))
    assert offence == "oversized-xcom"
    assert predicate.endswith("where 1 MiB are the budget")


def test_of_many_secrets_three_are_told():
    value = [{"password": f"k7Gq-2vX{n}"} for n in range(9)]
    assert len(troubles(value, Trip(value, 9, read_back=True))) == 3


def test_sizes_are_told_as_people_say_them():
    sizes = [0, 512, 1024, 1536, 1024**2, 300 * 1000**2, 5 * 1024**3]
    assert list(map(in_bytes, sizes)) == [
        "0 bytes", "512 bytes", "1 KiB", "1.5 KiB", "1 MiB", "286.1 MiB", "5 GiB",
    ]  # fmt: skip


def test_parts_of_losses_become_code():
    assert in_code("the keys 1 and '1'") == "the keys `1 and '1'`"
    assert in_code("no such key") == "no such key"
    assert in_code("dtype int8") == "dtype `int8`"
    assert in_code("(1,) (tuple)") == "`(1,) (tuple)`"


def test_storage_that_cannot_be_reached_is_no_fault_of_the_value():
    assert is_out_of_reach(ConnectionError())
    wrapped = RuntimeError()
    wrapped.__cause__ = PermissionError()
    assert is_out_of_reach(wrapped)
    assert not is_out_of_reach(TypeError())
    circle = ValueError()
    circle.__context__ = other = KeyError()
    other.__context__ = circle
    assert not is_out_of_reach(circle)


def test_json_is_what_the_api_takes():
    assert xcoms.as_json({"é": [1, None]}) == '{"é":[1,null]}'.encode()
    with pytest.raises(ValueError, match="Out of range float"):
        xcoms.as_json([NAN])
