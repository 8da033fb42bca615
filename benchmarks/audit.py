"""`dagproof audit` beside Airflow's own DagBag, as whole processes, on the same DAG files.

Prints times and ratios from one run: wall seconds, the least of several rounds taken by turns.
Budget: at most 0.8 times the DagBag's. With `--growth` also the memory that 1,000 files take.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DAG = """\
from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

with DAG("dag_{number}", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):

    @task
    def extract():
        return 1

    @task
    def load(rows):
        return rows

    load(extract()) >> BashOperator(task_id="tell", bash_command="echo {number}")
"""

BAG = """
import sys
from pathlib import Path
from airflow.models import DagBag
bag = DagBag(Path("dags"))
print(len(bag.dags), len(bag.import_errors))
"""

AUDIT = [sys.executable, "-m", "dagproof", "audit", "--format", "json"]


class Bench:
    """Runs commands in a repository, in an Airflow home of its own."""

    def __init__(self, scratch):
        self.repository = scratch / "repository"
        own = ("DAGPROOF_", "PYTHONDONTWRITEBYTECODE", "AIRFLOW")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        self.environment = {
            **kept,
            "AIRFLOW_HOME": str(scratch / "home"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "DAGPROOF_CACHE": str(scratch / "cache"),
        }

    def write(self, files):
        """Write so many DAG files."""
        folder = self.repository / "dags"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(files):
            (folder / f"dag_{number:04}.py").write_text(DAG.format(number=number))

    def run(self, command):
        """Return the wall seconds of a process, its largest memory in MB, and what it printed."""
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=self.repository,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, command
        return time.perf_counter() - began, usage.ru_maxrss / 1024, printed


def compare(bench, files, rounds):
    bag, audit = [], []
    for _ in range(rounds + 1):  # the first one writes bytecode
        seconds, _, printed = bench.run([sys.executable, "-c", BAG])
        assert printed.split() == [b"%d" % files, b"0"], printed
        bag.append(seconds)
        seconds, _, printed = bench.run(AUDIT)
        report = json.loads(printed)
        assert sum(len(one["dag_ids"]) for one in report["imports"]) == files
        audit.append(seconds)
    bag, audit = min(bag[1:]), min(audit[1:])
    print(f"{files} DAG files, whole processes")
    print(f"  Airflow's DagBag   {bag:6.2f} s")
    print(f"  dagproof audit     {audit:6.2f} s   {audit / bag:4.2f} x   budget 0.8 x")
    once = min(bench.run([*AUDIT, "--once"])[0] for _ in range(rounds))
    print(f"  the same --once    {once:6.2f} s   {once / bag:4.2f} x")


def growth(bench, few, many):
    told = {}
    for files in (few, many):
        bench.write(files)
        seconds, memory, _ = bench.run(AUDIT)
        told[files] = (seconds, memory)
        print(f"{files} files: {seconds:.1f} s, {memory:.0f} MB at most in one process")
    print(f"  memory {told[many][1] / told[few][1]:.2f} x for {many / few:.0f} x the files")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=300)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--growth", action="store_true", help="also 1,000 files, for memory")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder).resolve())
        bench.write(options.files)
        compare(bench, options.files, options.rounds)
        if options.growth:
            growth(bench, 100, 1000)


if __name__ == "__main__":
    main()
