"""The command line as its users meet it: other processes, in a cache folder of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def shell(tmp_path_factory):
    """An environment without anything of this test session's services or Airflow."""
    own = ("AIRFLOW", "AWS_", "MLFLOW_", "DATA_ROOT", "DAGPROOF_", "PYTEST_")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    folder = tmp_path_factory.mktemp("cli")
    (folder / "tmp").mkdir()
    return {**environment, "DAGPROOF_CACHE": str(folder / "cache"), "TMPDIR": str(folder / "tmp")}


@pytest.fixture(scope="session")
def start(shell):
    """Start `dagproof ARGUMENTS` in the repository's root, in a process group of its own."""

    def start(*arguments, cwd=ROOT, env=None):
        return subprocess.Popen(
            [sys.executable, "-m", "dagproof", *arguments],
            cwd=cwd,
            env={**shell, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell starts background jobs deaf to Ctrl-C, and they would pass it on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
        )

    return start


@pytest.fixture(scope="session")
def dagproof(start):
    """Carry out `dagproof ARGUMENTS`; return exit code, standard output and standard error."""

    def dagproof(*arguments, **options):
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    return dagproof
