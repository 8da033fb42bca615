"""`dagproof lint`: from paths to a report, without Airflow."""

from dagproof.lint.composition import LintRequest, lint

__all__ = ["LintRequest", "lint"]
