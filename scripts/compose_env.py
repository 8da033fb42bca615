"""Writes `.env` for compose.yaml: a random secret for each name, and nothing that was there."""

import base64
import os
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


def lines() -> list[str]:
    """Return the lines of the file; hexadecimal, so that they may stand in URLs."""
    found = [f"{name}={secrets.token_hex(24)}" for name in PLAIN]
    # Fernet wants 32 bytes in URL-safe base64.
    return [*found, f"AIRFLOW_FERNET_KEY={base64.urlsafe_b64encode(os.urandom(32)).decode()}"]


def main() -> int:
    """Write the file, for its owner alone, unless it is there."""
    text = "\n".join(sorted(lines())) + "\n"
    try:
        descriptor = os.open(ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{ENV} is there already and stays as it is; remove it for new secrets.")
        return 1
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"Wrote {ENV}; user `admin` has the password AIRFLOW_ADMIN_PASSWORD in it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
