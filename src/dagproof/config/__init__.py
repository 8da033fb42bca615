"""`[tool.dagproof]` of pyproject.toml to Settings; every complaint names file and key."""

from dagproof.config.reading import load_settings
from dagproof.config.settings import BACKENDS, SERVICES, Budgets, ConfiguredRun, Settings
from dagproof.config.values import LONGEST_TIMEOUT

__all__ = [
    "BACKENDS",
    "LONGEST_TIMEOUT",
    "SERVICES",
    "Budgets",
    "ConfiguredRun",
    "Settings",
    "load_settings",
]
