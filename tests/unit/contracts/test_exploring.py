"""All DAGs of a file are tried, in one order, whatever one of them does."""

from types import SimpleNamespace

import pytest

from dagproof.contracts import exploring
from dagproof.contracts.broken import Broken


class Exploration:
    """Stands for what tries one DAG: begins one template and finds one fault."""

    asked = ()

    def __init__(self, dag, begin, options):
        type(self).asked = (*self.asked, (dag.dag_id, options))
        self._dag, self._begin = dag, begin
        self.tried = {"confs": 1, "templates": 2, "values": 3}

    def run(self):
        """Yield what does not hold."""
        self._begin("load", "{{ x }}")
        yield Broken("slug", self._dag.dag_id)
        if self._dag.error is not None:
            raise self._dag.error


@pytest.fixture
def asked(monkeypatch):
    fake = type("Fake", (Exploration,), {})
    monkeypatch.setattr(exploring, "Exploration", fake)
    return fake


def dag(dag_id, error=None):
    return SimpleNamespace(dag_id=dag_id, error=error)


def noted(*dags, skipped=(), **options):
    notes = []
    exploring.explore(dags, notes.append, options, skipped)
    return notes


def test_every_dag_is_tried_in_order_and_counted(asked):
    notes = noted(dag("b"), dag("a"))

    seconds = notes[-1]["tried"].pop("seconds")
    assert 0 <= seconds < 1
    assert notes == [
        {"begun": ["a", "load", "{{ x }}"]},
        {"broken": Broken("slug", "a").record()},
        {"begun": ["b", "load", "{{ x }}"]},
        {"broken": Broken("slug", "b").record()},
        {"tried": {"confs": 2, "templates": 4, "values": 6}},
    ]


def test_file_without_dags_is_counted_too(asked):
    assert [note["tried"]["confs"] for note in noted()] == [0]


def test_options_and_what_is_skipped_are_handed_on(asked):
    noted(dag("a"), examples=3, skipped=(("a", "b", "c"),))

    [(_, options)] = asked.asked
    assert (options.examples, options.seed, options.skipped) == (3, 0, (("a", "b", "c"),))


def test_only_the_dag_that_is_named_is_tried(asked):
    noted(dag("a"), dag("b"), dag_id="b")

    assert [dag_id for dag_id, _ in asked.asked] == ["b"]


def test_dag_that_cannot_be_tried_is_said_in_one_line_and_the_others_are_tried(asked):
    notes = noted(dag("a", ValueError("no\nat all")), dag("b"))

    said = [note["broken"] for note in notes if "broken" in note]
    assert [(one["offence"], one["message"]) for one in said] == [
        ("slug", "a"),
        ("unproved-contract", "The DAG `a` cannot be tried: ValueError: no"),
        ("slug", "b"),
    ]
    assert said[1]["dag_id"] == "a"
    assert notes[-1]["tried"]["confs"] == 1


def test_warm_up_loads_what_confs_need(monkeypatch):
    called = []
    monkeypatch.setattr(exploring.confs, "warm_up", lambda: called.append(1))
    exploring.warm_up()

    assert called == [1]
