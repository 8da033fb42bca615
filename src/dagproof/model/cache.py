"""Where dagproof keeps what it can make anew."""

import os
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder that holds every place: `DAGPROOF_CACHE`, else the user's cache."""
    if chosen := environ.get("DAGPROOF_CACHE"):
        return Path(chosen).expanduser().absolute()
    user_cache = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(user_cache).expanduser().absolute() / "dagproof"


def is_ours(path: Path) -> bool:
    """Say whether a file or folder belongs to this user and no other may write to it."""
    try:
        about = path.stat()
    except OSError:
        return False
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022
