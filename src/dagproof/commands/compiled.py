"""Keeps our own bytecode where Python is told to keep none."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dagproof.model.cache import cache_folder, is_ours


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let what is imported meanwhile keep its bytecode in dagproof's own cache folder.

    Containers often set `PYTHONDONTWRITEBYTECODE`, to keep source folders clean. Without bytecode
    it takes longer to import the rules than to read a DAG file with them.
    """
    if not sys.dont_write_bytecode or sys.pycache_prefix is not None:
        yield
        return
    folder = cache_folder(os.environ) / "bytecode"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_ours(folder):
        yield
        return
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder)
    try:
        yield
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = True, None
