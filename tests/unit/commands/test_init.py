"""`dagproof init`: shows what it would write, asks, writes, and says what comes next."""

import io

import pytest
from linting import written

from dagproof import cli
from dagproof.commands import init
from dagproof.onboarding import known_findings
from dagproof.onboarding.known_findings import Recorded, Today
from dagproof.verdict.baseline import Entry

_DAG = """\
from airflow.sdk import dag, task


@dag(schedule=None)
def etl():
    @task
    def begin() -> int:
        return 1

    begin()


etl()
"""


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def recorded(monkeypatch):
    """Stand for the commands whose findings are written down."""
    asked = []

    def look(root, commands):
        asked.append((root, list(commands)))
        return Today(tuple(Recorded(name, 2) for name in commands))

    monkeypatch.setattr(known_findings, "look", look)
    return asked


@pytest.fixture
def there(tmp_path, monkeypatch, recorded):
    """Write a small repository, and stand in it."""
    written(tmp_path, {"dags/a.py": _DAG, ".git/HEAD": "ref: refs/heads/main\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path.parent / "cache"))
    monkeypatch.setattr(init, "_has_airflow", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


def made(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        "dags/a.py", ".git/HEAD",
    }  # fmt: skip


FILES = {
    "dagproof-baseline.json",
    "pyproject.toml",
    ".pre-commit-config.yaml",
    ".github/workflows/dagproof.yml",
    ".gitignore",
}


def test_files_are_shown_and_written_where_nobody_can_be_asked(there, capsys, recorded):
    assert cli.main(["init"]) == 0

    said = capsys.readouterr().out
    assert made(there) == FILES
    assert "+[tool.dagproof]\n" in said
    assert said.index("+++ b/pyproject.toml") < said.index("Wrote pyproject.toml.")
    assert "DAGs       dags, 1 DAG file\n" in said
    assert "runs       etl\n" in said
    assert recorded == [(there, ["lint", "audit", "contracts"])]
    assert "6 findings held back from now on (2 of lint, 2 of audit, 2 of contracts)." in said
    assert said.endswith("Next: `dagproof gate`, then commit what was written.\n")


def test_second_time_there_is_nothing_to_do(there, capsys, recorded):
    cli.main(["init"])
    before = {name: (there / name).read_bytes() for name in made(there)}
    capsys.readouterr()

    assert cli.main(["init"]) == 0

    assert capsys.readouterr().out.endswith("Nothing to do.\n")
    assert {name: (there / name).read_bytes() for name in made(there)} == before
    assert len(recorded) == 1


def test_dry_run_writes_nothing(there, capsys, recorded):
    assert cli.main(["init", "--dry-run"]) == 0

    assert made(there) == set()
    assert recorded == []
    assert capsys.readouterr().out.endswith("Nothing written: --dry-run.\n")


@pytest.mark.parametrize(
    ("said", "files"),
    [
        ("\n", FILES),
        ("y\n", FILES),
        ("YES\n", FILES),
        ("n\n", set()),
        ("what\n", set()),
        ("", set()),
    ],
)
def test_somebody_at_a_terminal_is_asked(there, monkeypatch, capsys, said, files):
    monkeypatch.setattr("sys.stdin", _Terminal(said))

    assert cli.main(["init"]) == 0

    assert made(there) == files
    out = capsys.readouterr().out
    assert "Write these 4 files and a baseline? [Y/n] " in out
    assert ("Nothing written." in out) is not bool(files)


def test_yes_asks_nobody(there, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", _Terminal("n\n"))

    cli.main(["init", "--yes"])

    assert made(there) == FILES
    assert "[Y/n]" not in capsys.readouterr().out


def test_one_file_is_asked_for_as_one(there, monkeypatch, capsys):
    (there / ".gitignore").write_text("dagproof-report/\n")
    monkeypatch.setattr("sys.stdin", _Terminal("n\n"))

    cli.main(["init", "--no-hook", "--no-workflow", "--no-baseline"])

    assert "Write this 1 file? [Y/n] " in capsys.readouterr().out


def test_what_nobody_wants_is_left_out(there, recorded):
    cli.main(["init", "--no-hook", "--no-workflow", "--no-baseline"])

    assert made(there) == {"pyproject.toml", ".gitignore"}
    assert recorded == [(there, ["audit"])]  # whether the DAG that is run can be imported


def test_nobody_looks_where_no_baseline_and_no_run_depend_on_it(there, recorded):
    (there / "dags" / "a.py").write_text("import requests\n" + _DAG)

    cli.main(["init", "--no-baseline"])

    assert recorded == []


def test_files_that_do_not_import_are_told_with_the_baseline(there, monkeypatch, capsys):
    entries = (
        Entry("dags/b.py", "DP222", "0", 1),
        Entry("dags/c.py", "DP101", "0", 1),
        Entry("dags/a.py", "DP220", "0", 1),
    )
    today = Today(
        (Recorded("lint", 1), Recorded("audit", 2)), entries, {}, frozenset({"dags/a.py"})
    )
    monkeypatch.setattr(known_findings, "look", lambda *_: today)

    cli.main(["init"])

    said = capsys.readouterr().out
    assert (
        "(1 of lint, 2 of audit).\n"
        "no import  dags/a.py: held back; its DAGs are not proved\n"
        "no import  dags/b.py: held back; its DAGs are not proved\n"
    ) in said
    assert "no import  dags/c.py" not in said


def test_many_files_that_do_not_import_are_counted(there, monkeypatch, capsys):
    failing = frozenset(f"dags/{number:02}.py" for number in range(12))
    today = Today((Recorded("audit", 12),), failing=failing)
    monkeypatch.setattr(known_findings, "look", lambda *_: today)

    cli.main(["init"])

    said = capsys.readouterr().out
    assert said.count("no import  ") == 10
    assert "           and 2 more files\n" in said


def test_dag_that_proves_not_to_import_is_not_run(there, monkeypatch, capsys):
    today = Today((Recorded("lint"), Recorded("audit")), makers={})
    monkeypatch.setattr(known_findings, "look", lambda *_: today)

    cli.main(["init"])

    said = capsys.readouterr().out
    assert (
        "Wrote pyproject.toml again, with the DAGs that can be run:\nnot run    etl: no file"
        in said
    )
    assert "\n[[tool.dagproof.runs]]" not in (there / "pyproject.toml").read_text()


def test_named_folder_is_taken(there, capsys):
    written(there, {"more/b.py": _DAG})

    cli.main(["init", "--dags", "more"])

    assert 'dags = ["more"]' in (there / "pyproject.toml").read_text()


def test_lines_that_cannot_be_written_are_shown(there, capsys):
    (there / "pyproject.toml").write_text("no toml")

    assert cli.main(["init", "--dry-run"]) == 0

    said = capsys.readouterr().out
    assert "pyproject.toml: `pyproject.toml` is no valid TOML" in said
    assert "\n    [tool.dagproof]\n" in said


def test_nothing_but_lines_to_paste_is_nothing_written(there, capsys):
    cli.main(["init"])
    (there / "pyproject.toml").write_text("no toml")

    assert cli.main(["init"]) == 0

    assert capsys.readouterr().out.endswith("Nothing written.\n")


def test_repository_without_dags_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert cli.main(["init"]) == 3

    assert "makes a DAG" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_airflow_lint_alone_is_recorded_and_doctor_is_next(
    there, monkeypatch, capsys, recorded
):
    monkeypatch.setattr(init, "_has_airflow", lambda: False)

    cli.main(["init"])

    said = capsys.readouterr().out
    assert recorded[0][1] == ["lint"]
    assert "Airflow 3.0 to 3.3 is not installed here" in said
    assert "not run    etl: Airflow is not installed" in said
    assert said.endswith("Next: `dagproof doctor` says what to install, then `dagproof gate`.\n")


def test_airflow_2_is_told_and_read_alone(there, capsys, recorded):
    (there / "Dockerfile").write_text("FROM apache/airflow:2.9.1-python3.11\n")

    cli.main(["init"])

    said = capsys.readouterr().out
    assert "Airflow    2.9.1, says Dockerfile\n" in said
    assert "these it can only read" in said
    assert recorded[0][1] == ["lint"]
    assert said.endswith("Next: `dagproof lint`, then commit what was written.\n")


def test_all_that_was_found_is_told(there, capsys):
    elsewhere = {f"jobs/{name}.py": _DAG for name in "abcd"}
    written(there, {
        **elsewhere, "plugins/p.py": "", "requirements.txt": "x\n", "include/x.py": "",
        "dags/b.py": "import include.x\n" + _DAG,
    })  # fmt: skip
    (there / ".git" / "HEAD").unlink()
    (there / ".git").rmdir()

    cli.main(["init", "--dry-run"])

    said = capsys.readouterr().out
    assert "           not jobs/a.py, jobs/b.py, jobs/c.py and 1 more\n" in said
    assert "plugins    plugins\n" in said
    assert "imports    .\n" in said
    assert "packages   requirements.txt\n" in said
    assert "git        none here" in said


def test_packages_of_pyproject_are_told(there, capsys):
    (there / "pyproject.toml").write_text('[project]\nname = "a"\ndependencies = ["x"]\n')

    cli.main(["init", "--dry-run"])

    assert "packages   pyproject.toml\n" in capsys.readouterr().out


def test_command_that_could_not_look_is_told(there, monkeypatch, capsys):
    said = Today((Recorded("lint", 1), Recorded("audit", trouble="It \x1b[31mdied.")))
    monkeypatch.setattr(known_findings, "look", lambda *_: said)

    cli.main(["init"])

    said = capsys.readouterr().out
    assert "1 finding held back from now on (1 of lint)." in said
    assert "audit could not look: It \\x1b[31mdied.\n" in said


def test_clean_repository_is_told_as_such(there, monkeypatch, capsys):
    today = Today((Recorded("lint"), Recorded("audit")))
    monkeypatch.setattr(known_findings, "look", lambda *_: today)

    cli.main(["init"])

    assert "baseline.json: nothing is found today (lint, audit).\n" in capsys.readouterr().out


def test_nothing_held_back_is_not_told_as_written(there, monkeypatch, capsys):
    today = Today((Recorded("lint", trouble="No."),))
    monkeypatch.setattr(known_findings, "look", lambda *_: today)

    assert cli.main(["init"]) == 3

    assert "Wrote dagproof-baseline.json" not in capsys.readouterr().out
    assert not (there / "dagproof-baseline.json").exists()


def test_airflow_is_there_or_not(monkeypatch):
    from dagproof.audit import airflow_install
    from dagproof.model import UnavailableError

    def refused():
        raise UnavailableError("no")

    monkeypatch.setattr(airflow_install, "check_airflow", lambda: None)
    assert init._has_airflow() is True
    monkeypatch.setattr(airflow_install, "check_airflow", refused)
    assert init._has_airflow() is False
