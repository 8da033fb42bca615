"""Prints what Airflow's own DagBag says of a dags folder, to compare with.

    python -P dagbag_oracle.py DAGS [PLUGINS]

The output is JSON: `{"airflow": version, "whole": told, "alone": told}`, where a told is
`{"dags": [[file, id]], "errors": [[file, text]]}`. `whole` is one bag of the whole folder, as
`airflow dags list --local` and everybody's tests have it; `alone` is a process and a bag for each
file, as the DAG processor has it. Files are told relative to the dags folder on every version, and
texts are what Airflow keeps of an error. The repository's settings come by the environment.
"""

import json
import os
import sys
import tempfile
from pathlib import Path


class AllErrors(dict):
    """Import errors as a bag keeps them, and those that it overwrites.

    Airflow keeps one error of a file. Where it refuses several DAGs of it, which one that is
    depends on the order of a set.
    """

    def __init__(self):
        super().__init__()
        self.all = []

    def __setitem__(self, path, text):
        self.all.append((str(path), text))
        super().__setitem__(path, text)


def settle(home, dags, plugins):
    """Set what Airflow reads when it is imported; what a repository may set itself stays."""
    os.environ.update(
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__DAGS_FOLDER=dags,
        AIRFLOW__CORE__PLUGINS_FOLDER=plugins or str(Path(home, "plugins")),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(Path(home, "logs")),
        AIRFLOW__LOGGING__LOGGING_LEVEL="CRITICAL",
        AIRFLOW__API_AUTH__JWT_SECRET="of no consequence here",
    )


def bag_of(path, dags):
    """Return an empty bag of a folder or a file, as this version's DAG processor makes one."""
    try:
        from airflow.dag_processing.dagbag import BundleDagBag as Bag  # 3.2 and later
    except ImportError:
        try:
            from airflow.models.dagbag import BundleDagBag as Bag  # 3.1
        except ImportError:
            from airflow.models.dagbag import DagBag as Bag  # 3.0: its processor extends the path

            if dags not in sys.path:
                sys.path.append(dags)
    bag = Bag(path, bundle_path=Path(dags), collect_dags=False)
    bag.import_errors = AllErrors()
    return bag


def files_of(dags):
    """Return the files that Airflow imports, in its order."""
    bag, files = bag_of(dags, dags), []
    bag.process_file = lambda path, **_: files.append(path) or []
    bag.collect_dags()
    return files


def told(path, dags):
    """Fill a bag and return what it says."""
    bag = bag_of(path, dags)
    bag.collect_dags()

    def short(file):
        return str(Path(dags, file).relative_to(dags))

    return {
        "dags": sorted((short(dag.fileloc), dag_id) for dag_id, dag in bag.dags.items()),
        "errors": sorted((short(file), text) for file, text in bag.import_errors.all),
    }


def told_alone(path, dags):
    """Return what a bag of one file says in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            json.dump(told(path, dags), stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


def main(dags, plugins=""):
    """Print what Airflow says of a folder, and nothing else: DAG files may print, too."""
    out = os.dup(1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="dagbag-oracle-") as home:
        settle(home, dags, plugins)
        import airflow

        each = [told_alone(file, dags) for file in files_of(dags)]
        said = {
            "airflow": airflow.__version__,
            "whole": told(dags, dags),
            "alone": {
                key: [entry for one in each for entry in one[key]] for key in ("dags", "errors")
            },
        }
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(said, stream, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main(*(str(Path(argument).absolute()) for argument in sys.argv[1:]))
