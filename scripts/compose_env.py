"""Writes `.env` for compose.yaml: a random secret for each name that has none there yet."""

import base64
import os
import re
import secrets
import sys
from pathlib import Path

ENV = Path(__file__).resolve().parents[1] / ".env"
PLAIN = (
    "AIRFLOW_ADMIN_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_SECRET_KEY",
    "MLFLOW_DB_PASSWORD",
    "REDIS_PASSWORD",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
)

NAMED = re.compile(r"^\s*(?:export\s+)?(\w+)\s*[=:][^\S\n]*(?!''|\"\")[^\s#]", re.MULTILINE)
"""A name that has a value; without one it is missing for compose, too."""


def lines() -> list[str]:
    """Return the lines of the file; hexadecimal, so that they may stand in URLs."""
    found = [f"{name}={secrets.token_hex(24)}" for name in PLAIN]
    # Fernet wants 32 bytes in URL-safe base64.
    return [*found, f"AIRFLOW_FERNET_KEY={base64.urlsafe_b64encode(os.urandom(32)).decode()}"]


def main() -> int:
    """Add what is missing, for the owner of the file alone; what is there stays."""
    descriptor = os.open(ENV, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        there = file.read()
        named = set(NAMED.findall(there))
        missing = [line for line in sorted(lines()) if line.partition("=")[0] not in named]
        if missing and there and not there.endswith("\n"):
            file.write("\n")
        file.writelines(f"{line}\n" for line in missing)
    if not missing:
        print(f"{ENV} has a secret for each name and stays as it is.")
        return 0
    print(
        f"Wrote {len(missing)} secrets to {ENV}; user `admin` has the password "
        "AIRFLOW_ADMIN_PASSWORD in it."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
