"""Targets that no DAG has are found by the DAGs that were seen, and only if all were seen."""

from dataclasses import replace

import pytest

from dagproof.audit.crossing import CROSSING, crossing, crossing_before
from dagproof.audit.findings import selected
from dagproof.audit.request import AuditRequest
from dagproof.audit.seeing import Seen, show
from dagproof.audit.targets import Targets
from dagproof.model import (
    Crash,
    Difference,
    Effect,
    Ending,
    ImportFailure,
    ImportTrace,
    Kind,
    Span,
    UsageError,
)

TOP = Span("dags/x.py", 1, 1, 1, 1)
ALL = Targets((), (), (), (), ())
FACTORY = """\
import json
from pathlib import Path

from airflow.sdk import DAG

for name in json.loads(Path("names.json").read_text()):
    globals()[name] = DAG(f"load_{name}")
"""
TRIGGERS = """\
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

with DAG("start"):
    TriggerDagRunOperator(task_id="one", trigger_dag_id="load_orders")
    TriggerDagRunOperator(task_id="two", trigger_dag_id="load_odrers")
"""
FACTORY_SEEN = ImportTrace("dags/factory.py", dag_ids=("load_orders", "load_rates"))
START_SEEN = ImportTrace("dags/start.py", dag_ids=("start",))
MISSING = [("DP123", "dags/start.py", 6)]


def effect(kind, *, refused=False):
    return Effect(kind, "event", "detail", TOP, refused=refused)


def error(kind, *, caused=False):
    return ImportFailure(kind, "message", f"{kind}: message", TOP, caused=caused)


@pytest.fixture
def factory(repository):
    repository.add("dags/factory.py", FACTORY)
    repository.add("dags/start.py", TRIGGERS)
    return repository


@pytest.fixture
def cross(repository):
    """Say what is wrong between the files, seen these traces."""

    def cross(*traces, targets=ALL, **request):
        return crossing(repository.settings, AuditRequest(**request), Seen(targets, traces))

    return cross


def told(between):
    assert bool(between.rules) or not between.findings
    return [(one.code, one.span.path, one.span.line) for one in between.findings]


def test_target_that_no_file_made_is_found_though_an_id_cannot_be_read(factory, cross):
    between = cross(FACTORY_SEEN, START_SEEN)

    assert told(between) == MISSING
    assert between.rules == CROSSING
    [one] = between.findings
    assert one.message == ("The repository has no DAG `load_odrers`; the nearest is `load_orders`")
    assert one.excerpt.strip().startswith('TriggerDagRunOperator(task_id="two"')


def test_target_that_is_only_read_is_there(factory, cross):
    factory.add("dags/more.py", 'from airflow.sdk import DAG\nDAG("load_odrers")\n')

    assert told(cross(FACTORY_SEEN, START_SEEN, ImportTrace("dags/more.py"))) == []


def test_target_in_a_file_that_safe_mode_drops_is_told_by_another_rule(factory, cross):
    dropped = ImportTrace("dags/x.py", dag_ids=("load_odrers",), skipped="safe-mode")

    assert told(cross(FACTORY_SEEN, START_SEEN, dropped)) == []


def test_what_reading_knows_is_left_to_lint(factory, cross):
    factory.add("dags/factory.py", 'from airflow.sdk import DAG\nDAG("load_orders")\n')

    assert not cross(FACTORY_SEEN, START_SEEN).rules


@pytest.mark.parametrize(
    "request_", [{"ignore": ["DP123"]}, {"select": ["DP2"]}, {"ignore": ["missing-trigger-target"]}]
)
def test_rule_that_nobody_wants_is_not_looked_for(factory, cross, monkeypatch, request_):
    monkeypatch.setattr("dagproof.audit.crossing.read_repository", pytest.fail)

    assert not cross(FACTORY_SEEN, START_SEEN, **request_).rules


def test_selection_of_the_settings_holds_and_the_question_wins(factory, cross):
    factory.configure('ignore = ["DP123"]')
    assert told(cross(FACTORY_SEEN, START_SEEN)) == []
    assert told(cross(FACTORY_SEEN, START_SEEN, select=["DP123"])) == MISSING


def test_manifests_and_other_rules_are_lint_s(factory, cross):
    factory.configure('manifests = ["gone.toml"]\nextend-select = ["ALL"]')

    assert told(cross(FACTORY_SEEN, START_SEEN)) == MISSING


# Not all was seen


@pytest.mark.parametrize(("path", "found"), [("dags", MISSING), (".", MISSING),
                                             ("dags/start.py", []), ("dags/team", [])])  # fmt: skip
def test_part_of_the_repository_is_not_judged(factory, cross, path, found):
    factory.add("dags/team/more.py", TRIGGERS)

    paths = [factory.root / path]
    assert [one for one in told(cross(FACTORY_SEEN, START_SEEN, paths=paths))
            if "team" not in one[1]] == found  # fmt: skip


UNSEEN = pytest.mark.parametrize(
    "trace",
    [
        ImportTrace("dags/x.py", Ending.FAILED, errors=(error("KeyError"),)),
        ImportTrace(
            "dags/x.py", Ending.FAILED, errors=(error("OSError", caused=True), error("KeyError"))
        ),
        ImportTrace("dags/x.py", Ending.TIMED_OUT, crash=Crash("it was still running", TOP)),
        ImportTrace("dags/x.py", Ending.CRASHED, crash=Crash("signal SIGSEGV", TOP)),
    ],
)


@UNSEEN
def test_file_that_was_not_imported_has_the_dags_that_reading_knows(factory, cross, trace):
    factory.add("dags/x.py", 'from airflow.sdk import DAG\nDAG("x")\n')
    assert told(cross(FACTORY_SEEN, START_SEEN, trace)) == MISSING

    factory.add("dags/x.py", 'from airflow.sdk import DAG\nDAG("load_odrers")\n')
    assert told(cross(FACTORY_SEEN, START_SEEN, trace)) == []


@UNSEEN
def test_file_that_was_not_imported_and_cannot_be_read_may_have_the_target(factory, cross, trace):
    factory.add("dags/x.py", FACTORY)

    assert not cross(FACTORY_SEEN, START_SEEN, trace).rules


@pytest.mark.parametrize("kind", ["SyntaxError", "IndentationError", "TabError"])
@pytest.mark.parametrize(
    ("text", "found"), [('DAG("other"\n', MISSING), ("DAG('load_odrers'\n", [])]
)
def test_file_that_cannot_be_parsed_may_have_every_quoted_word(factory, cross, kind, text, found):
    factory.add("dags/x.py", text)
    trace = ImportTrace("dags/x.py", Ending.FAILED, errors=(error(kind),))

    assert told(cross(FACTORY_SEEN, START_SEEN, trace)) == found


def test_repository_that_names_no_trigger_is_not_read(factory, cross, monkeypatch):
    factory.add("dags/start.py", 'from airflow.sdk import DAG\nDAG("start")\n')
    monkeypatch.setattr("dagproof.audit.crossing.read_repository", pytest.fail)

    assert not cross(FACTORY_SEEN, START_SEEN).rules


@pytest.mark.parametrize(
    "targets", [replace(ALL, unread=(("dags/x.py", "why"),)), replace(ALL, excluded=True)]
)
def test_file_that_nobody_looked_at_may_have_the_target(factory, cross, targets):
    assert not cross(FACTORY_SEEN, START_SEEN, targets=targets).rules


def test_id_that_two_files_have_is_known_all_the_same(factory, cross):
    twice = ImportTrace(
        "dags/x.py", Ending.FAILED, errors=(error("AirflowDagDuplicatedIdException"),)
    )

    assert told(cross(FACTORY_SEEN, START_SEEN, twice)) == MISSING


def test_repository_in_which_nobody_reads_is_not_judged(repository, cross):
    (repository.root / "dags").mkdir()

    assert not cross(ImportTrace("dags/a.zip", dag_ids=("a",))).rules


def test_only_what_was_asked_for_is_read(factory, cross):
    factory.add("plugins/more.py", TRIGGERS)

    assert told(cross(FACTORY_SEEN, START_SEEN, paths=[factory.root / "dags"])) == MISSING
    assert told(cross(FACTORY_SEEN, START_SEEN)) == [*MISSING, ("DP123", "plugins/more.py", 6)]


# Seen, and yet not for certain

DOUBTS = [
    {"effects": (effect(Kind.AIRFLOW_METADATA),)},
    {"effects": (effect(Kind.MLFLOW),)},
    {"effects": (effect(Kind.SLEEP), effect(Kind.NETWORK, refused=True))},
    {"differences": (Difference("load_x", "the DAG", "is there", "is not there"),)},
    {"ending": Ending.FAILED, "errors": (error("OSError", caused=True),)},
]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_ids_that_may_be_others_elsewhere_are_not_known(factory, cross, doubt):
    assert not cross(replace(FACTORY_SEEN, **doubt), START_SEEN).rules


@pytest.mark.parametrize("doubt", DOUBTS)
def test_doubt_about_a_file_does_not_matter_where_reading_knows_its_ids(factory, cross, doubt):
    assert told(cross(FACTORY_SEEN, replace(START_SEEN, **doubt))) == MISSING


@pytest.mark.parametrize("kind", [Kind.FILESYSTEM_READ, Kind.ENVIRONMENT, Kind.NETWORK])
def test_effect_that_was_let_through_leaves_the_ids_as_they_are(factory, cross, kind):
    assert told(cross(replace(FACTORY_SEEN, effects=(effect(kind),)), START_SEEN)) == MISSING


# Another commit


def before(repository, *traces, **request):
    settings = repository.settings
    rules = selected(settings, AuditRequest(**request), CROSSING)
    found = crossing_before(settings, rules, traces, lambda path: f"then/{show(path)}")
    return [(one.code, one.span.path, one.span.line) for one in found]


def test_before_nothing_needs_to_be_certain_and_paths_are_those_of_today(factory):
    doubtful = replace(FACTORY_SEEN, **DOUBTS[0])

    assert before(factory, doubtful) == [("DP123", "then/dags/start.py", 6)]
    assert before(factory) == [
        ("DP123", "then/dags/start.py", 5), ("DP123", "then/dags/start.py", 6)
    ]  # fmt: skip


def test_before_is_not_asked_what_nobody_wants_to_know(factory, monkeypatch):
    monkeypatch.setattr("dagproof.audit.crossing.read_repository", pytest.fail)

    assert before(factory, FACTORY_SEEN, ignore=["DP123"]) == []


def test_nothing_was_wrong_where_nobody_reads(repository):
    assert before(repository, FACTORY_SEEN) == []


def test_wrong_word_is_refused(factory, cross):
    with pytest.raises(UsageError, match="DP299"):
        cross(FACTORY_SEEN, ignore=["DP299"])
