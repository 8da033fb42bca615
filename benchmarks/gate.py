"""`dagproof gate` on one changed helper beside the gate on everything, as whole processes.

A git repository of 300 DAG files and 60 helpers. Five files share a helper: one function that they
call while they are imported, and one that only their tasks call. Prints times and ratios from one
run: wall seconds, the least of several rounds by turns. Budget: everything takes at least 10 times
as long. No DAG is run in any of them, so that what is compared is what the gate itself does.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from audit import Bench

DAG = '''\
"""Moves what arrived in a day, number {number}."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

from company.helper_{helper} import defaults, limited

with DAG(
    "dag_{number}",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    default_args=defaults(retry_delay=timedelta(minutes=5)),
    params={{"limit": {number}}},
):

    @task
    def extract(day: str = "{{{{ ds }}}}") -> dict:
        return {{"day": day, "rows": 1}}

    @task
    def load(rows: dict) -> int:
        return limited(rows["rows"])

    load(extract()) >> BashOperator(task_id="tell", bash_command="echo {{{{ params.limit }}}}")
'''

HELPER = '''\
"""What five files share."""


def defaults(**more):
    return {{"retries": {retries}, **more}}


def limited(rows):
    return min(rows, {rows})
'''


class GateBench(Bench):
    """A repository in git, gated on what has changed in its working tree."""

    def write(self, files):
        """Write and commit so many DAG files, with their helpers."""
        company = self.repository / "dags" / "company"
        company.mkdir(parents=True)
        (company / "__init__.py").write_text("")
        for helper in range(files // 5):
            self.change(helper, retries=2, rows=1000)
        for number in range(files):
            text = DAG.format(number=number, helper=number // 5)
            (company.parent / f"dag_{number:04}.py").write_text(text)
        (self.repository / "pyproject.toml").write_text("[tool.dagproof]\n")
        (self.repository / ".gitignore").write_text("__pycache__/\n")
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
            names = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
            subprocess.run(["git", *names, *command], cwd=self.repository, check=True)

    def change(self, helper, **values):
        """Write a helper, with other values than it had."""
        path = self.repository / "dags" / "company" / f"helper_{helper}.py"
        path.write_text(HELPER.format(**values))

    def gate(self, affected, *options):
        """Return the wall seconds of a gate that looks at so many files."""
        command = [sys.executable, "-m", "dagproof", "gate", "--format", "json", *options]
        began = time.perf_counter()
        done = subprocess.run(
            command, cwd=self.repository, env=self.environment, check=False, capture_output=True
        )
        seconds = time.perf_counter() - began
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        impact = json.loads(done.stdout)["impact"]
        assert bool(impact["everything"]) == (affected is None)
        assert affected is None or len(impact["affected"]) == affected
        return seconds


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=300)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = GateBench(Path(folder).resolve())
        bench.write(options.files)
        changes = {
            "everything": (None, {"retries": 2, "rows": 1000}, ["--all"]),
            "run by imports": (5, {"retries": 3, "rows": 1000}, ["--base", "HEAD"]),
            "run by tasks": (5, {"retries": 2, "rows": 999}, ["--base", "HEAD"]),
        }
        seconds = {name: [] for name in changes}
        for _ in range(options.rounds + 1):  # the first one writes bytecode, and what is kept
            for name, (affected, values, asked) in changes.items():
                bench.change(7, **values)
                seconds[name].append(bench.gate(affected, *asked))
        least = {name: min(each[1:]) for name, each in seconds.items()}
        print(f"{options.files} DAG files, one of {options.files // 5} helpers changed")
        for name, each in least.items():
            ratio = least["everything"] / each
            print(f"  {name:<16} {each:6.2f} s   everything takes {ratio:4.1f} x   budget 10 x")


if __name__ == "__main__":
    main()
