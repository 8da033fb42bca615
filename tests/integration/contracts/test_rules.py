"""The examples of the rules that prove: each bad one is found, each good one is clean."""

import json
import os
import subprocess
import sys

import pytest

from dagproof.rules import CONTRACTS

RUN = frozenset({"DP305", "DP314", "DP315", "DP316"})
"""Rules whose example shows itself in a run alone: no annotation tells what it returns."""

KNOWN = [rule for rule in CONTRACTS if rule.code not in RUN]


@pytest.fixture(scope="module")
def contracts(tmp_path_factory):
    """Try examples as the files of one repository; return codes by file, and the whole report."""

    def contracts(examples):
        root = tmp_path_factory.mktemp("repository")
        (root / "dags").mkdir()
        (root / "pyproject.toml").write_text("[tool.dagproof]\n", "utf-8")
        for name, source in examples.items():
            # Each file has a DAG of its own: its id is made of the file's name.
            named = source.replace("DAG(", f"DAG('{name}_' + ", 1)
            (root / "dags" / f"{name}.py").write_text(named, "utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "dagproof", "contracts", "--select", "DP3", "--format", "json"],
            cwd=root,
            # Not that of the services that other tests have started in this process.
            env={name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode in {0, 1}, run.stderr
        report = json.loads(run.stdout)
        found = {name: set() for name in examples}
        for one in report["findings"]:
            found[one["path"].removeprefix("dags/").removesuffix(".py")].add(one["code"])
        return found, report

    return contracts


@pytest.fixture(scope="module")
def bad(contracts):
    return contracts({f"{rule.slug.replace('-', '_')}_bad": rule.bad for rule in CONTRACTS})


@pytest.fixture(scope="module")
def good(contracts):
    return contracts({f"{rule.slug.replace('-', '_')}_good": rule.good for rule in CONTRACTS})


def test_every_example_imports(bad, good):
    assert (bad[1]["errors"], good[1]["errors"]) == ([], [])
    assert {one["failure"] for _, report in (bad, good) for one in report["contracts"]} == {""}


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.code)
def test_bad_example_is_found(rule, bad):
    assert rule.code in bad[0][f"{rule.slug.replace('-', '_')}_bad"]


@pytest.mark.parametrize("rule", CONTRACTS, ids=lambda rule: rule.code)
def test_good_example_is_clean(rule, good):
    assert good[0][f"{rule.slug.replace('-', '_')}_good"] == set()


def test_message_of_every_example_is_one_sentence_without_a_full_stop(bad):
    for one in bad[1]["findings"]:
        assert "\n" not in one["message"]
        assert not one["message"].endswith(".")
        assert one["message"].count("`") % 2 == 0
