"""Says of a DAG file that no two imports of it can differ, by reading: it need not be seen twice.

Only plain files are so sure. Whatever runs at import has to be known here: a statement, a call or
an attribute that is not makes a file one that is imported twice.
"""

import ast

from dagproof.audit.steady.scope import VariesError
from dagproof.audit.steady.statements import Module


def is_steady(data: bytes) -> bool:
    """Say whether every import of a file gives the same, whatever the circumstances."""
    try:
        Module(ast.parse(data)).settle()
    except (SyntaxError, ValueError, RecursionError, MemoryError, VariesError):
        return False
    return True


__all__ = ["is_steady"]
