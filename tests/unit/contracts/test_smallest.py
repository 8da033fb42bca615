"""The conf that is told has few keys and small values, and still goes wrong."""

import json

from hypothesis import strategies as st

from dagproof.contracts.smallest import smallest


def nothing(_):
    """Return no strategy."""


def numbers(names):
    return st.fixed_dictionaries({name: st.integers(0, 10_000) for name in names})


def test_keys_that_do_not_matter_are_left_out():
    asked = []
    found = smallest(
        {"b": 7, "a": 1, "c": 2}, lambda conf: asked.append(conf) or "b" in conf, nothing
    )

    assert found == {"b": 7}
    assert asked == [{"b": 7, "c": 2}, {"c": 2}, {"b": 7}]


def test_values_become_as_small_as_they_can():
    assert smallest({"n": 9000, "m": 3}, lambda conf: conf.get("n", 0) > 12, numbers) == {"n": 13}


def test_strategy_is_asked_for_the_keys_that_are_left_alone_in_order():
    asked = []

    def strategy(names):
        asked.append(names)

    smallest({"b": 1, "a": 1, "c": 1}, lambda conf: {"a", "b"} <= conf.keys(), strategy)

    assert asked == [["a", "b"]]


def test_conf_that_needs_no_key_is_empty_and_asks_for_no_strategy():
    def refuse(_):
        raise AssertionError

    assert smallest({"a": 1}, lambda _: True, refuse) == {}


def test_conf_is_kept_where_there_is_no_strategy_or_it_finds_nothing():
    assert smallest({"n": 20_000}, lambda conf: conf.get("n", 0) > 15_000, nothing) == {"n": 20_000}
    assert smallest({"n": 20_000}, lambda conf: conf.get("n", 0) > 15_000, numbers) == {"n": 20_000}


def test_what_is_found_is_kept_where_it_is_smaller_only():
    def long(names):
        return st.fixed_dictionaries({names[0]: st.just("a long text")})

    assert smallest({"n": "b"}, lambda conf: "n" in conf, long) == {"n": "b"}
    assert smallest({"n": "a longer text"}, lambda conf: "n" in conf, long) == {"n": "a long text"}


def test_of_confs_that_are_equally_long_the_first_in_order_is_told():
    def other(names):
        return st.fixed_dictionaries({names[0]: st.just("b")})

    assert smallest({"n": "a"}, lambda conf: "n" in conf, other) == {"n": "a"}
    assert smallest({"n": "c"}, lambda conf: "n" in conf, other) == {"n": "b"}


def test_conf_that_was_given_is_not_changed():
    conf = {"a": 1, "b": 2}
    smallest(conf, lambda one: "a" in one, numbers)

    assert conf == {"a": 1, "b": 2}


def test_search_ends_and_is_the_same_each_time():
    def tried():
        seen = []
        smallest({"n": 1}, lambda conf: seen.append(json.dumps(conf)) or conf == {"n": 1}, numbers)
        return seen

    assert tried() == tried()
    assert len(tried()) < 500
