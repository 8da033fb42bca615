"""What reading finds of the same promises, beside what was tried."""

from pathlib import Path

import pytest

from dagproof.config import Settings
from dagproof.model import Finding, Kind, Related, Severity, Span
from dagproof.proving import beside
from dagproof.proving.request import ContractsRequest

DAG = """\
from airflow.sdk import DAG, Param, task

with DAG("two", params={"month": Param(1, type="integer")}):

    @task
    def load(month: int):
        return f"{month:02d}"

    load(month="{{ params.month }}")
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "two.py").write_text(DAG)
    monkeypatch.chdir(tmp_path)
    return "dags/two.py"


def told(file, proved=(), settings=None, **request):
    settings = settings or Settings(Path.cwd(), (Path.cwd() / "dags",))
    return beside.with_read(settings, ContractsRequest(**request), proved, [file])


def proved(file, code="DP303", line=9, related=()):
    span = Span(file, line, 16, line, 36)
    return Finding(
        code,
        "uncast-template-value",
        Severity.ERROR,
        Kind.TEMPLATE,
        "m",
        "f",
        span,
        related=related,
    )


def test_what_was_read_and_proved_is_told_once_with_both_codes_and_places(file):
    known = Related(Span(file, 5, 1, 5, 1), "the definition")
    (one,) = told(file, [proved(file, related=(known,))])

    assert (one.code, one.also, one.span.line) == ("DP303", ("DP130",), 9)
    assert [step.span.line for step in one.related] == [5, 7]
    assert "`:02d`" in one.related[1].message
    assert one.edits == ()


def test_text_that_only_reading_sees_used_as_a_number_is_told_without_an_edit(file):
    (one,) = told(file)

    assert (one.code, one.span.line, one.edits) == ("DP130", 7, ())


def test_proof_of_another_place_or_kind_stays_by_itself(file):
    found = told(file, [proved(file, line=3), proved(file, "DP301"), proved(file, "DP302")])

    assert [(one.code, one.also) for one in found if one.code != "DP130"] == [
        ("DP303", ()), ("DP301", ()), ("DP302", ()),
    ]  # fmt: skip
    assert [one.code for one in found].count("DP130") == 1


def test_what_is_read_at_the_same_place_is_not_shown_twice(file):
    Path(file).write_text(
        "from airflow.sdk import DAG\nfrom airflow.providers.standard.operators.bash import "
        'BashOperator\n\nwith DAG("two"):\n    BashOperator(task_id="t", '
        "bash_command=\"{{ ti.xcom_pull('nope') }}\")\n"
    )
    span = Span(file, 5, 44, 5, 74)
    finding = Finding("DP310", "x", Severity.ERROR, Kind.XCOM, "m", "f", span)
    (one,) = told(file, [finding])

    assert one.also == ("DP122",)


@pytest.mark.parametrize(
    "request_", [{"dag_id": "two"}, {"conf": {}}, {"select": ("DP3",)}, {"ignore": ("DP130",)}]
)
def test_who_asks_for_less_gets_no_more(file, request_):
    assert told(file, **request_) == ()


def test_settings_that_ignore_what_is_read_are_heeded(file):
    settings = Settings(Path.cwd(), (Path.cwd() / "dags",), ignore=("uncast-template-param",))

    assert told(file, settings=settings) == ()


def test_comment_covers_what_is_read(file):
    text = DAG.replace('02d}"', '02d}"  # dagproof: ignore[DP130] padded on purpose')
    Path(file).write_text(text)

    assert told(file) == ()


def test_files_that_are_gone_or_archives_are_not_read(file):
    assert told("dags/gone.py") == ()
    assert told("dags/x.zip") == ()


def test_findings_are_in_order_of_place(file):
    found = told(file, [proved(file, "DP301", line=12), proved(file, "DP301", line=1)])

    assert [one.span.line for one in found] == [1, 7, 12]
