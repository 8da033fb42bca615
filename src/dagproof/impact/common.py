"""Files that Airflow loads for every DAG: plugins, and what the environment names."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from dagproof.impact.graph import Graph
from dagproof.impact.modules import Modules, SearchPath
from dagproof.impact.told import Import
from dagproof.impact.tree import Tree
from dagproof.model import Span

_REGISTERED: Final = re.compile(rb"AirflowPlugin|hookimpl|Timetable|PriorityWeightStrategy")
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def plugins(graph: Graph, tree: Tree, folder: str, read: Callable[[str], bytes]) -> Iterator[str]:
    """Yield the files of a plugins folder that Airflow finds by itself.

    Args:
        graph: reads files.
        tree: all files.
        folder: real path; nothing where there is none.
        read: gives the bytes of a file.
    """
    for path in tree.below(folder) if folder else ():
        try:
            registers = _REGISTERED.search(read(path)) is not None
        except OSError:  # it is gone, or nobody may read it
            continue
        if registers and graph.told(path).registered:
            yield path


def named_by(environment: Mapping[str, str], modules: Modules, path: SearchPath) -> Iterator[str]:
    """Yield the files of modules that variables name, such as those of an XCom backend."""
    for value in environment.values():
        for dotted in filter(_DOTTED.fullmatch, re.split(r"[\s,:;]+", value)):
            if "." in dotted:
                yield from modules.files(path, "", Import(dotted, Span("", 1, 1, 1, 1)))
