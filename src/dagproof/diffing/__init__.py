"""`dagproof diff`: how the DAGs of two states of a repository differ, and what that can do."""

from dagproof.diffing.comparison import diffs
from dagproof.diffing.composition import Differing, diff, differing

__all__ = ["Differing", "diff", "differing", "diffs"]
