"""Says by its exit code whether a part of Airflow is alive; cheaper than `airflow jobs check`."""

import json
import sys
import urllib.request

HEALTH = "http://airflow-api-server:8080/api/v2/monitor/health"


def main() -> int:
    """Return 0 if the API server has heard of the part that is named, and lately."""
    with urllib.request.urlopen(HEALTH, timeout=8) as answer:
        part = json.load(answer)[sys.argv[1]]
    print(part)
    return part["status"] != "healthy"


if __name__ == "__main__":
    sys.exit(main())
