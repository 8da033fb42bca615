"""`dagproof impact`: arguments become a question, the answer becomes text."""

import json

import pytest

import dagproof.changes.base
from dagproof import cli
from dagproof.model import ChangedFile, Comparison, FileFate, UsageError

DAG = "import helper\nfrom airflow.sdk import DAG\nwith DAG('one'): ...\n"


class _Compared:
    """Stands for `compared`: keeps what it was asked, answers what it is told."""

    def __init__(self, root):
        changes = (ChangedFile(str(root / "dags/helper.py")),)
        self.answer = Comparison("0123", "main", "the main branch", files=changes)

    def __call__(self, root, asked, environ):
        self.asked = (root, asked, environ["ASKED_IN"])
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def compared(tmp_path, monkeypatch):
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/one.py").write_text(DAG)
    (tmp_path / "dags/two.py").write_text(DAG.replace("import helper", ""))
    (tmp_path / "dags/helper.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASKED_IN", "a test")
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    fake = _Compared(tmp_path)
    monkeypatch.setattr(dagproof.changes.base, "compared", fake)
    return fake


def test_each_affected_dag_file_has_a_line(compared, capsys):
    assert cli.main(["impact"]) == 0
    assert capsys.readouterr().out == (
        "dags/one.py: it imports `dags/helper.py`\n"
        "1 of 2 DAG files can be affected by 1 changed file since main.\n"
    )


def test_explain_shows_the_steps(compared, capsys):
    assert cli.main(["impact", "--explain"]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "    dags/one.py:1 imports `helper`",
        "  → dags/helper.py",
    ]


@pytest.mark.parametrize(("arguments", "base"), [([], None), (["--base", "v1"], "v1")])
def test_the_base_is_handed_on(compared, tmp_path, arguments, base):
    assert cli.main(["impact", *arguments]) == 0
    assert compared.asked == (tmp_path, base, "a test")


def test_json_holds_the_change_and_what_it_affects(compared, capsys, tmp_path):
    helper = str(tmp_path / "dags/helper.py")
    compared.answer = Comparison(
        "0123",
        "main",
        "the main branch",
        files=(ChangedFile(helper, FileFate.RENAMED, str(tmp_path / "dags/old.py")),),
    )

    assert cli.main(["impact", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert document["version"] == 1
    assert document["files"] == 2
    assert document["comparison"] == {
        "commit": "0123",
        "asked": "main",
        "how": "the main branch",
        "unknown": "",
        "files": [{"path": helper, "fate": "renamed", "before": str(tmp_path / "dags/old.py")}],
    }
    assert document["impact"]["total"] == 2
    assert [one["path"] for one in document["impact"]["affected"]] == ["dags/one.py"]


def test_the_answer_goes_to_a_file(compared, capsys, tmp_path):
    assert cli.main(["impact", "--output", "out/impact.txt"]) == 0
    assert "1 of 2 DAG files" in (tmp_path / "out/impact.txt").read_text()
    assert capsys.readouterr().out == ""


def test_a_base_that_is_wrong_is_a_wrong_question(compared, capsys):
    compared.answer = UsageError("There is no commit `v1` here.")
    assert cli.main(["impact", "--base", "v1"]) == 2
    assert capsys.readouterr().err == "dagproof: There is no commit `v1` here.\n"


def test_nothing_to_read_is_no_answer(compared, tmp_path):
    for path in (tmp_path / "dags").iterdir():
        path.unlink()
    assert cli.main(["impact"]) == 3
