"""Judges by the rules what runs show, and says where in the source it comes from."""

from dagproof.judging_runs.composition import with_findings

__all__ = ["with_findings"]
