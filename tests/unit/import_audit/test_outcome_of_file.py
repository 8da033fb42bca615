"""What a child says of one import: why it failed, where, and whether the audit is behind it."""

import json
from types import SimpleNamespace

import pytest

from dagproof.airflow_compat.parsing import Failed, ParsedFile
from dagproof.import_audit.outcome_of_file import places_of, results
from dagproof.import_audit.refusals import RefusedAccessError


@pytest.fixture
def raised(ran):
    """Return the exception that source raises as a file of the repository."""

    def raised(source, **names):
        try:
            ran(source, **names)
        except BaseException as error:  # noqa: BLE001 - any will do
            return error
        raise AssertionError("nothing was raised")

    return raised


def told(repository, *errors, dags=(), made=(), interfered=False):
    given = {id(dag): (dag, places) for dag, places in made}
    return results(repository, ParsedFile(dags, errors), given, interfered=interfered)


def failure(repository, error, text="text", **given):
    [failed] = told(repository, Failed("/a.py", text, error), **given)["errors"]
    return failed


def dag(name, tasks=("task",)):
    return SimpleNamespace(dag_id=name, tasks=tasks)


def short(places, root):
    return [(place[0].removeprefix(f"{root}/"), place[1], place[5]) for place in places]


def test_dags_are_told_sorted_and_with_their_places(repository):
    place = ("/a.py", 1, 1, 0, 0, "")
    one = dag("b")
    given = told(
        repository, dags=[one, dag("a")], made=[(one, [place]), (dag(7), []), (object(), [])]
    )

    assert given == {
        "dag_ids": ["a", "b"],
        "spans": {"b": [place]},
        "doubled": [],
        "empty": [],
        "errors": [],
    }
    json.dumps(given)


def test_dags_without_tasks_are_told_sorted(repository):
    dags = [dag("c", []), dag("a"), dag("b", [])]

    assert told(repository, dags=dags)["empty"] == ["b", "c"]


def test_exception_is_told_with_the_way_to_where_it_was_raised(repository, raised, root):
    error = raised("def f():\n    return 1 / 0\n\nf()\n")
    failed = failure(repository, error)

    assert (failed["type"], failed["message"], failed["text"]) == (
        "ZeroDivisionError", "division by zero", "text",
    )  # fmt: skip
    assert short(failed["places"], root) == [
        ("dags/a.py", 4, "called here"), ("dags/a.py", 2, ""),
    ]  # fmt: skip
    assert failed["path"] == "/a.py"
    assert failed["caused"] is False


def test_import_on_the_way_is_told_as_one(repository, raised, ran, root):
    def helper():
        ran("1 / 0\n", "plugins/b.py")

    function = ran("def f():\n    1 / 0\n", "plugins/b.py")["f"]
    library = ran("def call(f):\n    f()\n", "/lib/c.py")["call"]
    error = raised("load()\n", load=helper)

    assert short(places_of(error, repository), root) == [
        ("dags/a.py", 1, "imported here"), ("plugins/b.py", 1, ""),
    ]  # fmt: skip
    error = raised("call(f)\n", call=library, f=function)
    assert short(places_of(error, repository), root)[0] == ("dags/a.py", 1, "called here")


def test_frames_of_libraries_are_no_places(repository, raised, ran, root):
    library = ran("def call():\n    1 / 0\n", "/lib/c.py")["call"]

    error = raised("x = 1\ncall()\n", call=library)

    assert short(places_of(error, repository), root) == [("dags/a.py", 2, "")]


def test_syntax_error_is_told_in_the_file_that_has_it(repository, root):
    path = str(root / "dags" / "a.py")

    def error(*where):
        return SyntaxError("invalid syntax", where)

    assert places_of(error(path, 3, 5, "x ="), repository) == [(path, 3, 3, 4, 4, "")]
    assert places_of(error(path, None, None, None), repository) == [(path, 1, 1, 0, 0, "")]
    assert places_of(error(path, 3, 0, ""), repository) == [(path, 3, 3, 0, 0, "")]
    assert places_of(error("/lib/a.py", 3, 5, "x ="), repository) == []
    assert places_of(SyntaxError("without a file"), repository) == []


# Whether the audit is behind it


def test_refusal_is_the_audits(repository):
    assert failure(repository, RefusedAccessError(1, "no"))["caused"]


@pytest.mark.parametrize(
    "source",
    [
        "try: refuse()\nexcept OSError as e: raise RuntimeError('x') from e",
        "try: refuse()\nexcept OSError: raise RuntimeError('x')",
        """
try:
    try: refuse()
    except OSError as e: raise KeyError('x') from e
except KeyError: raise ValueError
""",
        """
try: refuse()
except OSError as error: e = error
raise ExceptionGroup('g', [ValueError(), ExceptionGroup('h', [e])])
""",
        "try: refuse()\nexcept OSError: raise RuntimeError('x') from None",
    ],
)
def test_refusal_that_led_to_another_exception_is_the_audits(repository, raised, source):
    def refuse():
        raise RefusedAccessError(1, "no")

    assert failure(repository, raised(source, refuse=refuse))["caused"]


def test_exceptions_that_lead_to_each_other_are_followed_once(repository):
    one, other = ValueError(1), ValueError(2)
    one.__cause__, other.__cause__ = other, one

    assert not failure(repository, one)["caused"]


@pytest.mark.parametrize(
    ("error", "caused"),
    [
        (ValueError(), True),
        (KeyError(), True),
        (AttributeError(), True),
        (ImportError(), False),
        (ModuleNotFoundError(), False),
        (SyntaxError(), False),
        (NameError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_follows_a_refusal_may_be_the_audits(repository, error, caused):
    assert failure(repository, error, interfered=True)["caused"] is caused
    assert not failure(repository, error, interfered=False)["caused"]


def test_refusal_within_an_import_error_is_the_audits(repository):
    error = ImportError()
    error.__cause__ = RefusedAccessError(1, "no")

    assert failure(repository, error)["caused"]


def test_exception_that_cannot_be_shown_is_told(repository):
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    assert failure(repository, MuteError())["message"] == "<MuteError that cannot be shown>"


# What Airflow only tells as text


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("AirflowDagCycleException: a cycle in a\n", "AirflowDagCycleException", "a cycle in a"),
        ("a.b.Refused: no\nmore", "a.b.Refused", "no\nmore"),
        ("Traceback:\n  File x\nValueError: bad", "ValueError", "bad"),
        ("Something is wrong", "AirflowException", "Something is wrong"),
        ("", "AirflowException", ""),
    ],
)
def test_text_is_taken_apart(repository, text, kind, message):
    failed = failure(repository, None, text)

    assert (failed["type"], failed["message"], failed["text"]) == (kind, message, text)
    assert failed["caused"] is False


def test_text_that_names_a_dag_is_told_where_it_is_made(repository):
    made = [(dag("one"), [("/a.py", 1)]), (dag("two"), [("/a.py", 2)])]

    assert failure(repository, None, "E: in two", made=made)["places"] == [("/a.py", 2)]
    assert failure(repository, None, "E: in none", made=made)["places"] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("E: a cycle in DAG: taxi_v2. Faulty task: load", 2),
        ("E: a cycle in DAG: taxi. Faulty task: load", 1),
        ("E: a cycle in DAG: taxi.v3. Faulty task: load", 3),
        ("E: `a` is wrong", 4),
    ],
)
def test_dag_is_named_by_its_whole_id(repository, text, line):
    made = [
        (dag(name), [("/a.py", number)])
        for number, name in enumerate(("taxi", "taxi_v2", "taxi.v3", "a"), 1)
    ]

    assert failure(repository, None, text, made=made[::-1])["places"] == [("/a.py", line)]
    assert failure(repository, None, text, made=made)["places"] == [("/a.py", line)]


def test_only_dag_of_a_file_is_the_one_that_is_meant(repository):
    made = [(dag("one"), [("/a.py", 1)])]

    assert failure(repository, None, "E: somewhere", made=made)["places"] == [("/a.py", 1)]
