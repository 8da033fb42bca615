"""`dagproof contracts` finds every wrong DAG of one repository, and nothing in one of right DAGs.

What is to be found stands at its line, behind `# expect:`, and the smallest conf that shows it
behind `# conf:`; without the latter no conf matters.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

REPOSITORIES = Path(__file__).parents[2] / "fixtures" / "repos"
WRONG, RIGHT = REPOSITORIES / "contracts_wrong", REPOSITORIES / "contracts_right"
MARK = re.compile(r"# expect: (DP3\d\d)(?:  # conf: (\{.*\}))?$")
ENDLESS = ("endless_", "pure_endless")
"""Beginnings of the names of files that take seconds, until they are interrupted."""


def started(folder, *arguments):
    own = ("AIRFLOW", "AWS_", "DAGPROOF_", "DATA_ROOT", "MLFLOW_", "PYTEST_")
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "contracts", "--format", "json", *arguments],
        cwd=folder,
        env={name: text for name, text in os.environ.items() if not name.startswith(own)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    report["findings"] = [one for one in report["findings"] if one["code"].startswith("DP3")]
    return report


def marks():
    """Return the conf by file, line and code of what is to be found."""
    return {
        (path.relative_to(WRONG).as_posix(), number, mark[1]): json.loads(mark[2] or "null")
        for path in WRONG.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1)
        if (mark := MARK.search(line))
    }


def places(report):
    """Return file, line and code of what was proved; what is only read stands beside it."""
    return [
        (one["path"], one["line"], code)
        for one in report["findings"]
        for code in (one["code"], *one["also"])
        if code.startswith("DP3")
    ]


def is_quick(path):
    """Return whether a file does not have to be interrupted."""
    return not Path(path).name.startswith(ENDLESS)


def quick():
    return [f"dags/{one.name}" for one in sorted(WRONG.glob("dags/*.py")) if is_quick(one)]


def seen(report):
    """Return all that does not hold of the files that need not be interrupted."""
    findings = [one for one in report["findings"] if is_quick(one["path"])]
    traces = [
        (one["path"], one["confs"], one["templates"], one["counterexamples"], one["failure"])
        for one in report["contracts"]
        if is_quick(one["path"])
    ]
    return findings, traces


@pytest.fixture(scope="session")
def both():
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(started, (WRONG, RIGHT)))


@pytest.fixture(scope="session")
def wrong(both):
    return both[0]


@pytest.fixture(scope="session")
def right(both):
    return both[1]


@pytest.fixture(scope="session")
def confs(wrong):
    """Return the conf of each counterexample, by file, line and code."""
    codes = {one["slug"]: one["code"] for one in wrong["findings"]}
    return {
        (one["path"], one["line"], codes[one["offence"]]): one["conf"]
        for trace in wrong["contracts"]
        for one in trace["counterexamples"]
    }


def test_each_wrong_dag_is_found_once_at_its_line_and_nothing_else(wrong):
    assert wrong["errors"] == []
    assert sorted(places(wrong)) == sorted(marks())


def test_each_rule_is_there_several_times():
    """But for DP316, which runs alone can see, and those that need an example value."""
    found = Counter(code for _, _, code in marks())
    once = {"DP305", "DP314", "DP315"}
    assert {*found} == {f"DP{number}" for number in range(301, 316)} | {"DP390"}
    assert {code for code, count in found.items() if count < 2} == once


def test_each_counterexample_has_the_smallest_conf(confs):
    assert confs == marks()


def test_each_message_is_one_line_and_a_conf_comes_with_a_command(wrong, confs):
    for one in wrong["findings"]:
        assert "\n" not in one["message"]
        has_conf = confs[one["path"], one["line"], one["code"]] is not None
        assert ("$ dagproof contracts" in one["detail"]) == has_conf


def test_printed_command_shows_the_finding_again(wrong):
    commands = {}
    for one in wrong["findings"]:
        if is_quick(one["path"]) and "$ dagproof" in one["detail"]:
            commands.setdefault(one["code"], []).append((one, one["detail"].splitlines()[-1]))
    assert {*commands} == {"DP302", "DP303", "DP307", "DP308", "DP309", "DP310", "DP312"}

    def again(case):
        one, command = case
        words = shlex.split(command)
        assert words[:3] == ["$", "dagproof", "contracts"]
        found = started(WRONG, *words[3:])["findings"]
        return (one["code"], one["line"], one["message"], found)

    with ThreadPoolExecutor(2) as pool:
        for code, line, message, found in pool.map(
            again, [cases[len(cases) // 2] for cases in commands.values()]
        ):
            told = [(two["code"], two["line"], two["message"]) for two in found]
            if code == "DP312":  # it then tells of the task, not of the run that is created
                assert [two[:2] for two in told] == [(code, line)]
            else:
                assert told == [(code, line, message)]


def test_two_runs_with_one_seed_tell_the_same_and_another_seed_finds_the_same(wrong):
    with ThreadPoolExecutor(2) as pool:
        again, other = pool.map(lambda seed: started(WRONG, "--seed", seed, *quick()), "07")
    assert seen(again) == seen(wrong)
    assert sorted(places(other)) == sorted(one for one in marks() if is_quick(one[0]))


def test_right_dags_are_clean(right):
    assert [(one["path"], one["line"], one["message"]) for one in right["findings"]] == []
    assert right["errors"] == []


def test_right_dags_were_tried(right):
    traces = {Path(one["path"]).stem: one for one in right["contracts"]}
    assert {*traces} == {path.stem for path in (*RIGHT.glob("dags/*.py"), *RIGHT.glob("plugins/*"))}
    traces.pop("shared_types")
    assert [name for name, one in traces.items() if not one["confs"]] == []
    assert [name for name, one in traces.items() if not one["templates"]] == ["returns_data"]
    assert traces["returns_data"]["values"] > 100
    assert sum(one["confs"] for one in traces.values()) > 400
    assert sum(one["templates"] for one in traces.values()) > 90
