"""What reaches services, and what says how those in containers are started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Environment = Mapping[str, str]
"""Environment variables by name: all that a task needs to reach a service."""

Progress = Callable[[str], None]
"""Takes one short sentence on what is being done right now; never raises."""


@dataclass(frozen=True, slots=True)
class Containers:
    """What services in containers are started from.

    Attributes:
        postgres_image: image of a PostgreSQL that is set up as the official one; empty for ours.
        mlflow_image: image whose entry point is `mlflow server`; empty for the one that we build.
        s3_image: image whose entry point is `moto_server`; empty for the one that we build.
        postgres_port: port on this machine; 0 for any that is free.
        mlflow_port: port of the services that `services up` keeps; 0 for any that is free.
        s3_port: likewise.
    """

    postgres_image: str = ""
    mlflow_image: str = ""
    s3_image: str = ""
    postgres_port: int = 0
    mlflow_port: int = 0
    s3_port: int = 0
