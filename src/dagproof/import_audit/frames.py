"""From a Python frame to the places in the repository that led there."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType
from typing import Final

_IMPORTLIB: Final = "<frozen importlib"
_THREADING: Final = "threading.py"

Place = tuple[str, int, int, int, int, str]
"""Path, line, end line, first and last column in bytes from zero, and how it leads on."""

CALLED: Final = "called here"
IMPORTED: Final = "imported here"


class Repository:
    """Says which files are the user's own.

    Args:
        roots: absolute folders of the repository.
        libraries: absolute folders of installed packages, which may lie in there.
    """

    def __init__(self, roots: Iterable[str], libraries: Iterable[str]) -> None:
        self.roots = tuple(f"{root.rstrip('/')}/" for root in roots)
        self.libraries = tuple(f"{folder.rstrip('/')}/" for folder in libraries)
        self._known: dict[str, bool] = {}

    def owns(self, path: str) -> bool:
        """Say whether a file is the user's own."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = (
                path.startswith(self.roots)
                and not path.startswith(self.libraries)
                and "/site-packages/" not in path
            )
        return known


@dataclass(frozen=True, slots=True)
class Way:
    """How the repository led to a frame.

    Attributes:
        places: outermost first; none where no code of the repository is behind it.
        packages: names of the libraries' modules between the frame and the innermost place,
            innermost first.
        importing: whether a library was being imported: what it does then is not the caller's.
        site: the innermost place, comparable.
    """

    places: Sequence[Place]
    packages: Sequence[str]
    importing: bool
    site: tuple[str, int, str, int] | None


def way(frame: FrameType | None, repository: Repository) -> Way:
    """Follow the callers of a frame outwards."""
    places: list[Place] = []
    packages: list[str] = []
    site = None
    importing, how = False, ""
    last = frame
    while frame is not None:
        code = frame.f_code
        name = code.co_filename
        if name.startswith(_IMPORTLIB):
            importing = importing or site is None
            how = IMPORTED
        elif repository.owns(name):
            if importing:
                return Way((), (), importing=True, site=None)
            if site is None:
                site = (name, code.co_firstlineno, code.co_qualname, frame.f_lasti)
            places.append(place_of(code, frame.f_lasti, frame.f_lineno, how))
            how = CALLED
        elif site is None:
            packages.append(str(frame.f_globals.get("__name__", "")))
        last, frame = frame, frame.f_back
    if site is None and last is not None and last.f_code.co_filename.endswith(_THREADING):
        thread = last.f_locals.get("self")
        started = STARTED.get(id(thread))
        if started is not None:
            return Way(started.places, packages, started.importing or importing, started.site)
    return Way(places[::-1], packages, importing and site is None, site)


STARTED: Final[dict[int, Way]] = {}
"""How threads came to be, by the identity of their objects."""


def place_of(code: CodeType, last: int, line: int | None, how: str) -> Place:
    """Return the stretch of source of an instruction."""
    positions = next(islice(code.co_positions(), max(last, 0) // 2, None), (None,) * 4)
    begin, end, column, end_column = positions
    if begin is None or column is None or end is None or end_column is None:
        return (code.co_filename, line or 1, line or 1, 0, 0, how)
    return (code.co_filename, begin, end, column, end_column, how)


def library_folders() -> tuple[str, ...]:
    """Return where Python and installed packages live."""
    import sysconfig

    paths = sysconfig.get_paths()
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    ours = __file__.rpartition("/dagproof/")[0] + "/dagproof"
    site = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return tuple(dict.fromkeys([*(paths[kind] for kind in kinds), *site, ours]))
