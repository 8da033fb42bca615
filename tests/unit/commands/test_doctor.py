"""`dagproof doctor`: checks become aligned lines or JSON, and an exit code."""

import json
import subprocess
import sys

import pytest

import dagproof.doctor
from dagproof import cli
from dagproof.doctor import Check, State


@pytest.fixture
def checks(monkeypatch, tmp_path):
    """Let the doctor say this; return what it was asked about."""
    asked = []

    def checks(*found):
        def examine(surroundings):
            asked.append(surroundings)
            return found

        monkeypatch.setattr(dagproof.doctor, "examine", examine)
        return asked

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    return checks


OK = Check("python", State.OK, "Python 3.12")
WARNING = Check("git", State.WARNING, "The clone is shallow", "git fetch --unshallow")
PROBLEM = Check("airflow", State.PROBLEM, "Airflow is not \x1b[31minstalled", "pip install x")


def test_lines_are_aligned_and_commands_stand_below(checks, capsys):
    checks(OK, PROBLEM, WARNING, WARNING)

    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().out == (
        "✓ python   Python 3.12\n"
        "✗ airflow  Airflow is not \\x1b[31minstalled\n"
        "           $ pip install x\n"
        "! git      The clone is shallow\n"
        "           $ git fetch --unshallow\n"
        "! git      The clone is shallow\n"
        "           $ git fetch --unshallow\n"
        "\n"
        "1 problem and 2 warnings\n"
    )


@pytest.mark.parametrize(
    ("found", "code", "last"),
    [
        ((OK,), 0, "Nothing is wrong here."),
        ((OK, WARNING), 0, "1 warning"),
        ((OK, PROBLEM), 1, "1 problem"),
    ],
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_exit_code_says_whether_there_is_a_problem(checks, capsys, found, code, last, format_):
    checks(*found)

    assert cli.main(["doctor", "--format", format_]) == code
    if format_ == "text":
        assert capsys.readouterr().out.splitlines()[-1] == last


def test_json_says_the_same(checks, capsys):
    checks(OK, WARNING)

    cli.main(["doctor", "--format", "json"])

    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "checks": [
            {"name": "python", "state": "ok", "sentence": "Python 3.12", "command": ""},
            {
                "name": "git", "state": "warning", "sentence": "The clone is shallow",
                "command": "git fetch --unshallow",
            },
        ],
    }  # fmt: skip


def test_report_goes_to_a_file(checks, tmp_path, capsys):
    checks(OK)

    assert cli.main(["doctor", "--output", str(tmp_path / "out" / "a.txt")]) == 0
    assert capsys.readouterr().out == ""
    assert "Python 3.12" in (tmp_path / "out" / "a.txt").read_text()


def test_folder_and_what_it_deploys_are_examined(checks, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\ndags = ["air/dags"]\n')
    (tmp_path / "air").mkdir()
    (tmp_path / "air" / "Dockerfile").write_text("FROM apache/airflow:3.1.0\n")
    (tmp_path / "air" / "compose.yaml").write_text("image: apache/airflow:3.2.0\n")
    asked = checks(OK)

    cli.main(["doctor"])

    (surroundings,) = asked
    assert surroundings.settings.root == surroundings.folder == tmp_path
    assert (surroundings.airflow, surroundings.said_in) == ("3.1.0", "air/Dockerfile")
    assert surroundings.disagreement == "air/compose.yaml says 3.2.0"
    assert surroundings.complaint == ""


def test_settings_that_cannot_be_read_are_examined_all_the_same(checks, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof\n")
    asked = checks(OK)

    assert cli.main(["doctor"]) == 0
    assert asked[0].settings is None
    assert "is no valid TOML" in asked[0].complaint


def test_neither_airflow_nor_mlflow_is_imported(tmp_path):
    program = (
        "import sys\nfrom dagproof import cli\ncli.main(['doctor'])\n"
        "print(sorted({'airflow', 'mlflow', 'docker', 'boto3', 'sqlalchemy'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == ""
