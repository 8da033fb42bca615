"""`dag.test()` in a repository of many DAGs: Airflow's own against dagproof's, in one run.

Both run the same trivial DAG twice in one process, on a metadata database of their own; the second
run counts. Plain Airflow has the whole dags folder as its bundle, dagproof a bundle of one file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def trivial_{n}():
    @task
    def one():
        return 1

    one()

trivial_{n}()
"""

PLAIN = """
import time
from airflow.models import DagBag

dag = DagBag({folder!r} + "/dag_0.py").dags["trivial_0"]
dag.test()
started = time.monotonic()
assert dag.test().state == "success"
print("seconds", time.monotonic() - started)
"""

OURS = """
import time
from pathlib import Path
from dagproof.airflow_compat.execution import warm_up
from dagproof.runner import RunOptions, find_dag, run_dag

folder = Path({folder!r})
dag = find_dag("trivial_0", [folder])
warm_up()
run_dag(dag, [folder], RunOptions())
started = time.monotonic()
assert run_dag(dag, [folder], RunOptions()).succeeded
print("seconds", time.monotonic() - started)
"""


def measure(script: str, environment: dict[str, str]) -> float:
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        sys.exit(result.stderr[-3000:])
    return float(result.stdout.rpartition("seconds")[2])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dags", type=int, default=300)
    count = arguments.parse_args().dags

    from dagproof import services
    from dagproof.airflow_compat.environment import airflow_environment

    with (
        tempfile.TemporaryDirectory() as scratch,
        services.embedded(["postgres"], fresh=True) as tenancy,
    ):
        folder = Path(scratch, "dags")
        folder.mkdir()
        for number in range(count):
            Path(folder, f"dag_{number}.py").write_text(DAG.format(n=number))
        bundle = {
            "name": "dags-folder",
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {},
        }
        environment = {
            **tenancy.environment,
            **airflow_environment(Path(scratch, "home"), folder, None),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        }
        tenancy.wait()
        plain = measure(PLAIN.format(folder=str(folder)), environment)
        tenancy.reset()
        ours = measure(OURS.format(folder=str(folder)), environment)
    print(f"second dag.test() among {count} DAGs")
    print(f"  plain Airflow  {plain:7.3f} s")
    print(f"  dagproof       {ours:7.3f} s   {plain / ours:.1f} times faster (budget 0.3 s)")


if __name__ == "__main__":
    main()
