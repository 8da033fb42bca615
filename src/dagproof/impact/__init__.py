"""Tells which DAG files a change can affect: from changed files to those that lead to them."""

from dagproof.impact.composition import impact

__all__ = ["impact"]
