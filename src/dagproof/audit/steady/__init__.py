"""Says of a DAG file that no two imports of it can differ, by reading: it need not be seen twice.

Only plain files are so sure. Whatever runs at import has to be known here: a statement, a call or
an attribute that is not makes a file one that is imported twice.
"""

import ast
import warnings

from dagproof.audit.steady.scope import VariesError
from dagproof.audit.steady.statements import Module


def is_steady(data: bytes) -> bool:
    """Say whether every import of a file gives the same, whatever the circumstances."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's own, which nobody asked for here
            tree = ast.parse(data)
        Module(tree).settle()
    except (SyntaxError, ValueError, RecursionError, MemoryError, VariesError):
        return False
    return True


__all__ = ["is_steady"]
