"""A fresh metadata database: `airflow db migrate` against a copy of the template.

Prints both times and their ratio from one run. Budget: a copy takes at most 0.15 s.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from dagproof.services import embedded

COPIES = 20
BUDGET = 0.15


def migrate(url):
    """Migrate an empty database as a user would, in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        settings = {"AIRFLOW_HOME": home, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env={**os.environ, **settings},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - began


def empty_database(url):
    """Make an empty database beside the one at `url`, and return its address."""
    import psycopg2

    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    connection.cursor().execute("CREATE DATABASE migrated TEMPLATE template0")
    connection.close()
    return url.rpartition("/")[0] + "/migrated"


def main():
    with embedded(["postgres"], progress=lambda sentence: print(f"  {sentence}")) as tenancy:
        tenancy.wait()
        url = tenancy.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
        migrated = migrate(empty_database(url))
        times = []
        for _ in range(COPIES):
            began = time.perf_counter()
            tenancy.reset()
            times.append(time.perf_counter() - began)
    copied = statistics.median(times)
    print(f"airflow db migrate  {migrated:8.3f} s")
    print(f"template copy       {copied:8.3f} s  (median of {COPIES}, worst {max(times):.3f} s)")
    print(f"ratio               {migrated / copied:8.0f} x")
    print(f"budget              {BUDGET:8.3f} s  {'kept' if copied <= BUDGET else 'MISSED'}")
    return 0 if copied <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
