"""Every file that an import may run: those of today, and those that a change has removed."""

import posixpath
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dagproof.impact.told import Import
from dagproof.impact.tree import Tree
from dagproof.rules.entry_points import LIBRARIES

_STANDARD: Final = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True, slots=True)
class SearchPath:
    """Where imports of some DAG files look.

    Attributes:
        roots: folders that are surely looked in.
        anywhere: whether any other folder of the repository may be, too.
    """

    roots: tuple[str, ...]
    anywhere: bool = False


class Modules:
    """Looks modules up in every place where Python may find them.

    In which order `sys.path` has its folders is not known for certain (Airflow appends the dags
    folder, `PYTHONPATH` comes first), so that of two modules of one name both are meant. A name
    that none of the roots has is looked for in the folders above the file, then in all folders:
    what the repository does not say, such as an image's `PYTHONPATH`, may lead there.

    Args:
        tree: the files.
        top: the folder of the repository.
    """

    def __init__(self, tree: Tree, top: str) -> None:
        self._tree = tree
        self._top = top
        self._found: dict[tuple[SearchPath, str, str], tuple[str, ...]] = {}
        self._folders: dict[tuple[SearchPath, str, str], tuple[str, ...]] = {}

    def files(self, path: SearchPath, importer: str, statement: Import) -> Sequence[str]:
        """Return the files that an import may run, outermost package first.

        Args:
            path: where it looks.
            importer: real path of the file that imports.
            statement: the import.
        """
        folder = posixpath.dirname(importer)
        if statement.level:
            for _ in range(statement.level - 1):
                folder = posixpath.dirname(folder)
            found = dict.fromkeys(self._inits(folder))
            files, inner = self._descend(folder, statement.module.split("."))
        else:
            found = {}
            files, inner = self._absolute(path, folder, statement.module)
        found.update(dict.fromkeys(files))
        for inside in inner:
            for name in statement.names:
                found.update(dict.fromkeys(self._child(inside, name)))
            if statement.below:
                found.update(dict.fromkeys(self._tree.below(inside)))
        return tuple(found)

    def named(self, path: SearchPath, importer: str, dotted: str) -> Sequence[str]:
        """Return the files of a dotted text that may name a module, or something in a module.

        Only where it surely is in a root, and at least two parts of it are files or folders.
        """
        parts = dotted.split(".")
        found: dict[str, None] = {}
        for root in path.roots:
            files, _ = self._descend(root, parts)
            deep = self._descend(root, parts[:2])
            if files and (len(deep[0]) + len(deep[1]) > 1 or files[-1].endswith(f"/{parts[1]}.py")):
                found.update(dict.fromkeys(files))
        return tuple(one for one in found if one != importer)

    def _absolute(
        self, path: SearchPath, folder: str, dotted: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        key = (path, folder, dotted)
        if key not in self._found:
            files, inner = self._look_up(path, folder, dotted.split("."))
            self._found[key], self._folders[key] = tuple(files), tuple(inner)
        return self._found[key], self._folders[key]

    def _look_up(
        self, path: SearchPath, folder: str, parts: Sequence[str]
    ) -> tuple[dict[str, None], dict[str, None]]:
        files: dict[str, None] = {}
        inner: dict[str, None] = {}
        for bases in self._bases(path, folder, parts[0]):
            whole = False
            for base in bases:
                found, inside = self._descend(base, parts)
                files.update(dict.fromkeys(found))
                inner.update(dict.fromkeys(inside))
                whole |= self._is_whole(base, parts)
            if whole:
                break
        return files, inner

    def _bases(self, path: SearchPath, folder: str, name: str) -> Iterator[Sequence[str]]:
        """Yield groups of folders to look in; of the groups, the first that has a module counts."""
        if name == "airflow":
            return
        homes = self._tree.homes.get(name, ())
        if path.anywhere:
            yield homes
            return
        if name in _STANDARD:
            return
        yield [root for root in path.roots if root in homes] if homes else ()
        if name in LIBRARIES:
            return
        above = []
        while folder == self._top or folder.startswith(f"{self._top}/"):
            if folder in homes:
                above.append(folder)
            folder = posixpath.dirname(folder)
        yield above
        yield homes

    def _is_whole(self, base: str, parts: Sequence[str]) -> bool:
        """Say whether a folder has a module or package of this name."""
        for part in parts[:-1]:
            base = self._tree.real(f"{base}/{part}")
        here = self._tree.folder(base)
        return here is not None and (parts[-1] in here.modules or parts[-1] in here.folders)

    def _descend(self, base: str, parts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Return the files on the way of a dotted name, and the folder that it leads to."""
        files: list[str] = []
        for part in parts:
            if not part:
                continue
            files += self._child(base, part)
            base = self._tree.real(f"{base}/{part}")
            if self._tree.folder(base) is None:
                return files, []
        return files, [base]

    def _child(self, folder: str, name: str) -> Iterator[str]:
        """Yield the file of a module, of a package, or both."""
        here = self._tree.folder(folder)
        if here is None:
            return
        if name in here.modules:
            yield self._tree.real(f"{folder}/{name}.py")
        if name in here.folders:
            yield from self._inits(self._tree.real(f"{folder}/{name}"))

    def _inits(self, folder: str) -> Iterator[str]:
        here = self._tree.folder(folder)
        if here is not None and "__init__" in here.modules:
            yield self._tree.real(f"{folder}/__init__.py")
