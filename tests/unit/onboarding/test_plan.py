"""What is to be written is decided by reading alone."""

import json

import pytest

from dagproof.config import load_settings
from dagproof.onboarding import Edit, Wishes, make_plan, revised
from dagproof.onboarding.ignored import ignored_part
from dagproof.onboarding.origin import Origin, origin
from dagproof.onboarding.repository import Repository


def paths(plan, root):
    return [edit.path.relative_to(root).as_posix() for edit in plan.edits]


def test_everything_is_written_where_nothing_is(files, plain, git):
    root = files({"dags/a.py": plain()})

    plan = make_plan(root, Wishes(), airflow=True)

    assert paths(plan, root) == [
        "pyproject.toml", ".pre-commit-config.yaml", ".github/workflows/dagproof.yml", ".gitignore",
    ]  # fmt: skip
    assert plan.baseline == root / "dagproof-baseline.json"
    assert [one.dag_id for one in plan.runs] == ["etl"]


def test_what_nobody_wants_is_left_out(files, plain):
    root = files({"dags/a.py": plain()})

    plan = make_plan(root, Wishes(baseline=False, workflow=False, hook=False), airflow=True)

    assert paths(plan, root) == ["pyproject.toml", ".gitignore"]
    assert plan.baseline is None
    assert b"baseline" not in plan.edits[0].after


def test_second_time_there_is_nothing_to_do(files, plain, git):
    root = files({"dags/a.py": plain(), "plugins/p.py": ""})
    for edit in make_plan(root, Wishes(), airflow=True).edits:
        edit.path.parent.mkdir(parents=True, exist_ok=True)
        edit.path.write_bytes(edit.after)

    plan = make_plan(root, Wishes(), airflow=True)

    assert (plan.edits, plan.baseline) == ((), None)
    assert [left.paste for left in plan.left] == [""] * 4


def test_baseline_that_is_there_is_left(files, plain):
    root = files({"dags/a.py": plain(), "dagproof-baseline.json": "{}"})

    assert make_plan(root, Wishes(), airflow=True).baseline is None


def test_runs_are_not_chosen_for_an_airflow_that_cannot_run_them(files, plain):
    root = files({"dags/a.py": plain(), "Dockerfile": "FROM apache/airflow:2.9.1"})

    assert make_plan(root, Wishes(), airflow=True).runs == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b"dagproof-report/\n"),
        (b"*.pyc", b"*.pyc\ndagproof-report/\n"),
        (b"*.pyc\r\n", b"*.pyc\r\ndagproof-report/\r\n"),
        (b"!dagproof-report/\n", b"!dagproof-report/\ndagproof-report/\n"),
    ],
)
def test_reports_are_ignored(repository, tmp_path, before, after):
    if before is not None:
        (tmp_path / ".gitignore").write_bytes(before)

    assert ignored_part(repository) == Edit(tmp_path / ".gitignore", before, after)


@pytest.mark.parametrize(
    "before", [b"dagproof-report/", b"dagproof-*\n", b"/dagproof-report\n", b"*\n"]
)
def test_reports_that_are_ignored_already_need_no_line(repository, tmp_path, before):
    (tmp_path / ".gitignore").write_bytes(before)

    assert ignored_part(repository).paste == ""


def test_line_of_a_project_below_the_top_covers_its_reports(tmp_path):
    (tmp_path / ".gitignore").write_bytes(b"/dagproof-report/\n")
    where = Repository(tmp_path / "jobs", tmp_path)

    assert isinstance(ignored_part(where), Edit)


def test_gitignore_that_is_no_text_is_left(repository, tmp_path):
    (tmp_path / ".gitignore").write_bytes(b"\xff")

    left = ignored_part(repository)

    assert (left.why, left.paste) == (
        "`.gitignore` is not UTF-8; put this line into it.", "dagproof-report/\n",
    )  # fmt: skip


class _Installed:
    def __init__(self, said):
        self.said = said

    def read_text(self, _):
        return self.said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, Origin()),
        ("no json", Origin()),
        (json.dumps({"url": "file:///home/me/dagproof", "dir_info": {}}), Origin()),
        (
            json.dumps({"url": "https://x.test/d", "vcs_info": {"vcs": "git", "commit_id": "abc"}}),
            Origin("https://x.test/d", "abc"),
        ),
        (json.dumps({"url": "https://me:token@x.test/d", "vcs_info": {"vcs": "git"}}), Origin()),
        (json.dumps({"url": "ssh://git@x.test/d", "vcs_info": {"vcs": "git"}}), Origin()),
    ],
)  # fmt: skip
def test_dagproof_comes_from_where_it_was_installed_from(monkeypatch, said, expected):
    monkeypatch.setattr("dagproof.onboarding.origin.distribution", lambda _: _Installed(said))

    assert origin() == expected


def test_requirement_is_by_version_or_by_commit():
    assert Origin().requirement("all") == "dagproof[all]==0.1.0"
    assert Origin("https://x.test/d", "abc").requirement("all") == (
        "dagproof[all] @ git+https://x.test/d@abc"
    )


def test_runs_are_chosen_again_when_more_is_known(files, plain, git):
    root = files({f"dags/{name}.py": plain(name) for name in "abcde"})
    plan = make_plan(root, Wishes(), airflow=True)
    settings = plan.edits[0]
    settings.path.write_bytes(settings.after)

    later, edit = revised(plan, {"a": "", "b": "does not import", "c": "", "d": "", "e": ""}.get)

    assert plan.chosen == ("a", "b", "c")
    assert later.chosen == ("a", "c", "d")
    assert edit.before == settings.after
    edit.path.write_bytes(edit.after)
    assert [run.dag for run in load_settings(root).runs] == ["a", "c", "d"]
    assert b'# dag = "b"  # does not import' in edit.after
    assert b'# dag = "e"  # enough are run already' in edit.after
    assert load_settings(root).baseline is not None


def test_runs_stay_where_nothing_more_is_known(files, plain):
    plan = make_plan(files({"dags/a.py": plain()}), Wishes(), airflow=True)

    assert revised(plan, lambda _: "") == (plan, None)


def test_what_was_refused_by_reading_stays_refused(files, plain):
    root = files({"dags/a.py": "import requests\n" + plain()})
    plan = make_plan(root, Wishes(), airflow=True)

    assert revised(plan, lambda _: "seen") == (plan, None)


def test_settings_of_the_users_own_are_not_written_again(files, plain):
    root = files({"dags/a.py": plain(), "pyproject.toml": "[tool.dagproof]\n"})
    plan = make_plan(root, Wishes(), airflow=True)

    assert plan.chosen == ()
    assert revised(plan, lambda _: "does not import") == (plan, None)
