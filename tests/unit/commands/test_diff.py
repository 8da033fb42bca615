"""`dagproof diff` says what differs, and ends well whatever that is."""

import json
from dataclasses import dataclass

import pytest

from dagproof import diffing, impact
from dagproof.changes import base
from dagproof.cli import main
from dagproof.diffing import Differing
from dagproof.model import (
    Affected,
    ChangedFile,
    Comparison,
    DagDiff,
    DagShape,
    Fate,
    FileFate,
    Impact,
    Severity,
    ShapeChange,
    UnavailableError,
)


@dataclass
class Stood:
    """What the command is given in place of the real thing, and what it asked."""

    comparison: Comparison
    impact: object
    told: Differing
    asked: list


@pytest.fixture
def stood(tmp_path, monkeypatch):
    """Stand for git, for what is affected and for the diff."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    for name in ("a", "b"):
        (tmp_path / "dags" / f"{name}.py").write_text("")
    harmful = ShapeChange("schedule", "", "x", "`schedule` is `x` now", Severity.ERROR, "Bad")
    shapes = [DagShape(name, f"dags/{name}.py") for name in ("a", "b", "gone")]
    told = (
        DagDiff("a", Fate.CHANGED, shapes[0], shapes[0], (harmful,)),
        DagDiff("b", Fate.ADDED, None, shapes[1], (harmful,)),
        DagDiff("gone", Fate.REMOVED, shapes[2], None, (harmful,)),
    )
    gone = ChangedFile(str(tmp_path / "dags/gone.py"), FileFate.DELETED)
    stood = Stood(
        Comparison("abc", "main", "`--base`", files=(gone,)),
        Impact(affected=(Affected("dags/a.py"), Affected("dags/b.py")), total=2),
        Differing(told, notes=("One is not compared.",), files=3),
        [],
    )

    def compared(*arguments):
        stood.asked.append(arguments)
        return stood.comparison

    def affected(*_):
        if isinstance(stood.impact, Exception):
            raise stood.impact
        return stood.impact

    def diff(*arguments, **more):
        stood.asked.append((arguments, more))
        return stood.told

    monkeypatch.setattr(base, "compared", compared)
    monkeypatch.setattr(impact, "impact", affected)
    monkeypatch.setattr(diffing, "diff", diff)
    return stood


def test_harm_does_not_fail_the_command(stood, capsys):
    assert main(["diff"]) == 0

    out = capsys.readouterr().out
    assert "a (dags/a.py) changed\n  ! `schedule` is `x` now\n      error: Bad.\n" in out
    assert "One is not compared.\n3 DAGs differ from main (abc)" in out


def test_json_is_the_report_that_every_command_writes(stood, capsys, tmp_path):
    assert main(["diff", "--format", "json", "--output", "out/diff.json"]) == 0

    report = json.loads((tmp_path / "out" / "diff.json").read_text())
    assert [one["dag_id"] for one in report["diffs"]] == ["a", "b", "gone"]
    assert (report["comparison"]["commit"], report["files"]) == ("abc", 3)
    assert report["notes"] == ["One is not compared."]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_of_the_environment_are_not_told(stood, capsys, monkeypatch, form):
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "correct-horse")
    told = ShapeChange("tasks.a.env", "", "correct-horse", "`env` of `a` is `correct-horse` now")
    shape = DagShape("a", "dags/a.py", fields={"description": "by correct-horse"})
    stood.told = Differing((DagDiff("a", Fate.CHANGED, shape, shape, (told,)),))

    main(["diff", "--format", form])

    out = capsys.readouterr().out
    assert "`env` of `a` is `***` now" in out
    assert "correct-horse" not in out


def test_files_that_are_affected_or_gone_are_looked_at(stood, tmp_path):
    main(["diff", "--base", "main", "--allow", "network", "--timeout", "5"])

    (root, named, _), (asked, more) = stood.asked
    assert (root, named) == (tmp_path, "main")
    assert asked[1] == "abc"
    assert asked[2] == [tmp_path / "dags" / f"{name}.py" for name in ("a", "b", "gone")]
    assert (more["request"].allow, more["request"].timeout) == (["network"], 5)


@pytest.mark.parametrize(
    "affected", [Impact(everything="It is unsure."), UnavailableError("There is no DAG file.")]
)
def test_all_files_are_looked_at_where_it_is_not_known_which(stood, affected):
    stood.impact = affected

    main(["diff"])

    assert stood.asked[1][0][2] is None


@pytest.mark.parametrize(
    ("paths", "ids"),
    [(["dags/a.py"], ["a"]), (["dags"], ["a", "b", "gone"]), (["dags/gone.py"], ["gone"]),
     (["dags/b.py", "dags/a.py"], ["a", "b"]), (["../"], ["a", "b", "gone"])],
)  # fmt: skip
def test_paths_choose_what_is_told(stood, capsys, paths, ids):
    main(["diff", "--format", "json", *paths])

    assert [one["dag_id"] for one in json.loads(capsys.readouterr().out)["diffs"]] == ids


def test_path_that_never_was_is_refused(stood, capsys):
    assert main(["diff", "nowhere.py"]) == 2
    assert "nowhere.py does not exist, and did not in " in capsys.readouterr().err


def test_nothing_to_compare_with_is_told(stood, capsys):
    stood.comparison = Comparison(unknown="No branch is known.")

    assert main(["diff"]) == 3
    assert capsys.readouterr().err == "dagproof: No branch is known.\n"


def test_output_that_cannot_be_written_is_told_before_the_work(stood, tmp_path, capsys):
    assert main(["diff", "--output", str(tmp_path)]) == 2
    assert stood.asked == []
