"""A service is a function that starts something, yields its environment and stops it again."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

Environment = Mapping[str, str]
"""Environment variables by name: all that a task needs to reach a service."""

Service = Callable[..., AbstractContextManager[Environment]]

Progress = Callable[[str], None]
"""Takes one short sentence on what is being done right now; never raises."""
