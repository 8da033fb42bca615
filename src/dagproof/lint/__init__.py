"""`dagproof lint`: from paths to a report, without Airflow."""

from dagproof.lint.composition import LintRequest, lint, read_repository

__all__ = ["LintRequest", "lint", "read_repository"]
