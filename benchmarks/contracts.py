"""`dagproof contracts` on 300 DAGs with 5 Params and 10 templates each, as a whole process.

Prints wall seconds, twice, and whether both runs found the same. Budget: 60 s on 2 cores.
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
from airflow.sdk import DAG, Param, task

with DAG(
    "dag_{number}",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    params={{
        "year": Param(2023, type="integer", minimum=2009, maximum=2100),
        "month": Param(1, type="integer", minimum=1, maximum=12),
        "colour": Param("green", enum=["green", "yellow"]),
        "share": Param(0.5, type="number", minimum=0, maximum=1),
        "tables": Param(["rides"], type="array", items={{"type": "string", "minLength": 1}}),
    }},
):

    @task
    def load(year, month, colour) -> str:
        return f"{{int(year):04d}}-{{int(month):02d}}-{{colour}}"

    @task
    def split(share: str, number: str) -> float:
        return float(share)

    first = load("{{{{ params.year }}}}", "{{{{ params.month }}}}", "{{{{ params.colour }}}}")
    second = split("{{{{ params.share }}}}", "{{{{ {number} + 1 }}}}")
    say = BashOperator(
        task_id="say",
        bash_command="echo {{{{ ds }}}} {{{{ params.tables | join(',') }}}}",
        env={{
            "YEAR": "{{{{ params.year }}}}",
            "RUN": "{{{{ run_id }}}}",
            "FROM": "{{{{ data_interval_start | ds }}}}",
            "ROWS": "{{{{ ti.xcom_pull('load') }}}}",
        }},
    )
    first >> second >> say
"""


class Bench:
    """Runs the command in a repository, in an Airflow home of its own."""

    def __init__(self, scratch):
        self.repository = scratch / "repository"
        own = ("DAGPROOF_", "PYTHONDONTWRITEBYTECODE", "AIRFLOW")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        self.environment = {**kept, "DAGPROOF_CACHE": str(scratch / "cache")}

    def write(self, files):
        """Write so many DAG files."""
        folder = self.repository / "dags"
        folder.mkdir(parents=True)
        for number in range(files):
            (folder / f"dag_{number:04}.py").write_text(DAG.format(number=number))

    def run(self, *options):
        """Return the wall seconds of the command, and its report."""
        began = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-m", "dagproof", "contracts", "--format", "json", *options],
            cwd=self.repository,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return time.perf_counter() - began, json.loads(process.stdout)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=300)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder).resolve())
        bench.write(options.files)
        floor, _ = bench.run("dags/dag_0000.py")
        seconds, report = bench.run()
        again, other = bench.run()
    tried = report["contracts"]
    same = report["findings"] == other["findings"]
    print(f"{options.files} DAGs with 5 Params and 10 templates each, whole processes")
    print(f"  one DAG            {floor:6.2f} s")
    print(f"  all of them        {seconds:6.2f} s, {again:.2f} s   budget 60 s")
    print(f"  confs tried        {sum(one['confs'] for one in tried)}")
    print(f"  findings           {len(report['findings'])}; the same in both runs: {same}")


if __name__ == "__main__":
    main()
