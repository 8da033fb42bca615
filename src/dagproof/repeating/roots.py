"""A data root of one's own: a folder in which runs may write as if it were the configured one."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from dagproof.model import UsageError

MOST: Final = 2 * 1024**3
"""Bytes of a data root that are copied."""


class DataRoot:
    """Stands in for a data root that is a folder.

    What is in the configured folder is copied, so that nothing is written there, and is copied
    anew where a run shall begin in clean state.

    Args:
        original: the configured folder; it need not be there.
        folder: the one that stands in.
    """

    def __init__(self, original: Path, folder: Path) -> None:
        self.folder = folder
        self._original = original

    @property
    def environment(self) -> Mapping[str, str]:
        """What points runs at it."""
        return {"DATA_ROOT": self.folder.as_uri()}

    def reset(self) -> None:
        """Hold what the configured folder holds.

        Raises:
            UsageError: that is too much, or cannot be read.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            if self._original.is_dir():
                size = sum(one.stat().st_size for one in self._original.rglob("*") if one.is_file())
                if size > MOST:
                    raise UsageError(
                        f"`DATA_ROOT` is {self._original}, which holds {size / 1024**3:.1f} GB "
                        "that would have to be copied; give an empty folder by "
                        "`--env DATA_ROOT=file:///folder`."
                    )
                shutil.copytree(self._original, self.folder, symlinks=True)
            else:
                self.folder.mkdir(parents=True)
        except (OSError, shutil.Error) as error:
            raise UsageError(
                f"`DATA_ROOT` is {self._original}, which cannot be copied ({error}); give an empty "
                "folder by `--env DATA_ROOT=file:///folder`."
            ) from error


@contextlib.contextmanager
def data_root(environment: Mapping[str, str]) -> Iterator[DataRoot | None]:
    """Yield what stands in for the data root of an environment; None where that is no folder."""
    address = environment.get("DATA_ROOT", "")
    if not address.startswith("file://"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="dagproof-data-") as scratch:
        root = DataRoot(Path(unquote(urlsplit(address).path)), Path(scratch).resolve() / "data")
        root.reset()
        yield root
