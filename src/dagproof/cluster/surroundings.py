"""The environment in which the members of a cluster run: Airflow's configuration, and secrets."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.components import ignores_repetition
from dagproof.cluster.place import ClusterPlace
from dagproof.config import Settings
from dagproof.model import Environment

USER: Final = "admin"
HOST: Final = "127.0.0.1"
OWNER: Final = "_DAGPROOF_CLUSTER"
"""Names the cluster's folder in the environment of all its processes, so that they can be found."""

_STEADY: Final = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "dagproof.cluster.naming.hostname",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "AIRFLOW__API__WORKERS": "1",
    # Airflow 3.0 signs no token without a name, with the PyJWT of today.
    "AIRFLOW__API_AUTH__JWT_ISSUER": "dagproof",
    # Connections are kept, and lost ones noticed.
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED": "True",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "5",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "10",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_PRE_PING": "True",
    # Who develops does not wait for minutes: edited files, ended tasks and dead workers are noticed
    # within seconds.
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
    "AIRFLOW__CELERY__TASK_ACKS_LATE": "True",
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
    "AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL": "True",
}
VISIBILITY_SECONDS: Final = 60
"""After which Redis hands a message that nobody acknowledged to another worker.

Airflow refuses to start a task that runs already, so that a long one comes to no harm; before 3.1.9
that failed it, and there Airflow's own day is kept.
"""


def member_environment(
    place: ClusterPlace, settings: Settings, port: int, broker_url: str, password: str
) -> Environment:
    """Return Airflow's variables, and write the password where Airflow reads it.

    Args:
        place: of the cluster.
        settings: of the repository.
        port: of the API server.
        broker_url: as Celery takes it.
        password: of `USER`.
    """
    place.passwords.touch(mode=0o600)
    place.passwords.write_text(json.dumps({USER: password}))
    url = f"http://{HOST}:{port}"
    found = {
        **_STEADY,
        OWNER: str(place.folder),
        "AIRFLOW_HOME": str(place.home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags[0]),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.plugins or place.home / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place.passwords),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(place.home / "logs"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": bundles(settings.dags),
        "AIRFLOW__CELERY__BROKER_URL": broker_url,
    }
    if broker_url.startswith("redis") and ignores_repetition():
        found["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"] = str(
            VISIBILITY_SECONDS
        )
    return found


def bundles(folders: Sequence[Path]) -> str:
    """Return Airflow's configuration of one bundle for each dags folder."""
    names = ["dags", *(f"dags-{number}" for number in range(2, len(folders) + 1))]
    return json.dumps(
        [
            {
                "name": name,
                "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                "kwargs": {"path": str(folder)},
            }
            for name, folder in zip(names, folders, strict=True)
        ]
    )


def import_paths(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return the PYTHONPATH of members and of the processes that their tasks start."""
    own = [str(folder) for folder in settings.pythonpath]
    return ":".join([*own, *filter(None, [environ.get("PYTHONPATH")])])
