"""Which environment variables make Airflow run in a scratch home, without importing it."""

import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

QUIET = "WARNING"
TALKATIVE = "INFO"


def airflow_environment(
    home: Path, dags_folder: Path, plugins_folder: Path | None, *, verbose: bool = False
) -> dict[str, str]:
    """Return the variables that must be set before Airflow is imported.

    Args:
        home: a scratch folder; Airflow writes its configuration and logs there.
        dags_folder: the folder that Airflow would put on `sys.path`.
        plugins_folder: None for none; Airflow then looks into an empty folder under `home`.
        verbose: whether tasks' log lines are shown.
    """
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins_folder or home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": TALKATIVE if verbose else QUIET,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        # A scratch home has no configuration file from which 3.2 could read one.
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def bundle_environment(dag_file: Path, others: Sequence[Path] = ()) -> Mapping[str, str]:
    """Return the variables that give DAG files a bundle each.

    Airflow 3.3 imports the owning bundle again on every `dag.test()`; a bundle of one file makes
    that cost the same in a repository of 3 DAGs or of 3,000.

    Args:
        dag_file: of the DAG that is run.
        others: of the DAGs that it triggers.
    """
    bundles = [
        {
            "name": bundle_name(path),
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {"path": str(path), "refresh_interval": 0},
        }
        for path in dict.fromkeys((dag_file, *others))
    ]
    return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles)}


def bundle_name(dag_file: Path) -> str:
    """Return the name of the bundle of one DAG file."""
    return f"{dag_file.stem}-{zlib.crc32(bytes(dag_file)):08x}"
