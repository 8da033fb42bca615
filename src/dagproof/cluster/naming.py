"""What Airflow takes for a host's name, so that it says which member of a cluster did something."""

import os
import socket
from typing import Final

MEMBER: Final = "_DAGPROOF_CLUSTER_MEMBER"
"""Names the member that a process belongs to."""


def hostname() -> str:
    """Return the name of the member that this process belongs to."""
    return os.environ.get(MEMBER) or socket.gethostname()
