"""Replaces a file whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from dagproof.model import UnavailableError


def replace(file: Path, data: bytes) -> None:
    """Write a file in one step, keeping its mode; a link is followed, not replaced.

    Raises:
        UnavailableError: it cannot be written; what was there is still there.
    """
    try:
        target = file.resolve()
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    except OSError as error:
        raise UnavailableError(f"{file} cannot be written: {error.strerror}.") from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        draft.chmod(mode)
        draft.replace(target)
    except OSError as error:
        raise UnavailableError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _umask() -> int:
    mask = os.umask(0o077)  # the only way to read it is to set it
    os.umask(mask)
    return mask
