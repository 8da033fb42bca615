"""Files are told apart by the Airflow that loads them; DAGs are known by reading or by seeing."""

import pytest

from dagproof.model import Span
from dagproof.rules.facts import DagFact, Facts
from dagproof.rules.mentions import Mention
from dagproof.rules.names import Names
from dagproof.rules.repository import Repository, SeenDags


def facts(path: str, *ids: str, known: bool = True, imported: bool = False) -> Facts:
    dags = tuple(DagFact(Mention(one, Span(path, 1, 1, 1, 9), ""), sure=True) for one in ids)
    return Facts(path, imported, dags, known, frozenset({"task"}), (), (), Names())


def whole(*told: Facts, seen: SeenDags | None = None, complete: bool = True) -> Repository:
    return Repository({one.path: one for one in told}, complete=complete, seen=seen)


@pytest.mark.parametrize(
    ("path", "roots", "deployment"),
    [
        ("dags/a.py", (), "dags"),
        ("dags/team/a.py", (), "dags"),
        ("one/dags/team/a.py", (), "one/dags"),
        ("examples/one/a.py", (), "examples/one"),
        ("a.py", (), "."),
        ("pipelines/team/a.py", ("pipelines",), "pipelines"),
        ("pipelines/dags/a.py", ("pipelines",), "pipelines"),
        ("/repo/dags/a.py", (), "/repo/dags"),
    ],
)
def test_deployment_is_the_folder_that_one_airflow_loads(
    path: str, roots: tuple[str, ...], deployment: str
) -> None:
    assert Repository({}, roots=roots).deployment(path) == deployment


def test_ids_are_those_that_were_read_or_seen() -> None:
    told = facts("a.py", "read")
    assert whole(told).dag_ids == {"read"}
    assert whole(told, seen=SeenDags({"seen": "b.py"})).dag_ids == {"read", "seen"}


def test_dags_are_known_by_reading_where_every_file_is() -> None:
    assert whole(facts("a.py"), facts("b.py")).dags_known
    assert not whole(facts("a.py"), facts("b.py", known=False)).dags_known
    assert not whole(facts("a.py"), complete=False).dags_known


def test_dags_that_were_all_seen_are_known_whatever_reading_knows() -> None:
    told = facts("a.py", known=False), facts("b.py", known=False, imported=True)
    assert whole(*told, seen=SeenDags({})).dags_known
    assert not whole(*told, seen=SeenDags({}), complete=False).dags_known


@pytest.mark.parametrize(
    ("doubtful", "helper", "known"),
    [
        ({"a.py"}, True, True),
        ({"b.py"}, True, False),
        ({"a.py", "b.py"}, True, False),
        ({"a.py"}, False, False),
        ({"a.zip"}, True, False),
        ({"a.py", "a.zip"}, True, False),
    ],
)
def test_file_that_is_in_doubt_is_known_by_reading_with_all_that_it_may_import(
    doubtful: set[str], helper: bool, known: bool
) -> None:
    told = (
        facts("a.py"),
        facts("b.py", known=False),
        facts("helper.py", known=helper, imported=True),
    )
    seen = SeenDags({}, frozenset(doubtful))
    assert whole(*told, seen=seen).dags_known is known


def test_maker_of_a_dag_is_the_only_file_that_was_read_to_make_it() -> None:
    one, other = facts("a.py", "load", "both"), facts("b.py", "both")
    assert whole(one, other).maker("load") is one
    assert whole(one, other).maker("both") is None
    assert whole(one, other).maker("gone") is None


@pytest.mark.parametrize(("made_by", "there"), [("a.py", True), ("b.py", False), (None, False)])
def test_maker_of_a_dag_is_the_file_that_it_was_seen_to_come_from(
    made_by: str | None, there: bool
) -> None:
    one = facts("a.py", "load")
    seen = SeenDags({"load": made_by} if made_by else {})
    assert whole(one, seen=seen).maker("load") is (one if there else None)
