"""Which modules of this process are the repository's own, by their names."""

import os
import sys
from collections.abc import Sequence

from dagproof.import_audit.frames import Repository


class OwnModules:
    """Tells the repository's modules from libraries, also of those that are not loaded yet.

    Args:
        repository: whose folders own files.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[str, bool] = {}
        self._file = ""

    def forget(self, file: str = "") -> None:
        """Forget what earlier files made of the names, and take the name of the file's module."""
        self._known.clear()
        self._file = file

    def owns(self, name: str) -> bool:
        """Say whether a module of that name would be the repository's."""
        top = name.partition(".")[0]
        known = self._known.get(top)
        if known is None:
            module = sys.modules.get(top)
            file = getattr(module, "__file__", None)
            known = self._known[top] = (
                top == self._file
                or (file is not None and self._repository.owns(file))
                or (module is None and self._lies_in_repository(top))
            )
        return known

    def file_of(self, chain: Sequence[str]) -> str:
        """Return the file of the repository that leads to a library; empty where none does.

        Args:
            chain: names of the modules that import one another, the library last.
        """
        own = [name for name in chain if self.owns(name)]
        module = sys.modules.get(own[-1]) if own else None
        return getattr(module, "__file__", None) or ""

    def _lies_in_repository(self, top: str) -> bool:
        for folder in sys.path:
            place = os.path.join(folder, top)  # noqa: PTH118 - asked often
            if self._repository.owns(place) and (
                os.path.exists(f"{place}.py") or os.path.isdir(place)  # noqa: PTH110, PTH112
            ):
                return True
        return False
