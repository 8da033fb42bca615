"""What one file says of what it depends on: plain data."""

from dataclasses import dataclass

from dagproof.model import Related, Span


@dataclass(frozen=True, slots=True)
class Import:
    """An import, wherever it stands.

    Attributes:
        module: dotted; empty in `from . import x`.
        names: what is taken from it, `*` for all.
        level: dots before it.
        span: the statement or call.
        below: whether anything below the module may be meant.
    """

    module: str
    span: Span
    names: tuple[str, ...] = ()
    level: int = 0
    below: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Text that may name a file or a folder, with `*` for what is not known."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of what it depends on.

    Attributes:
        imports: in order of line.
        names: each text once, in order of line.
        searched: folders of `template_searchpath`.
        added: absolute folders that it adds to `sys.path`.
        wanders: where it adds a folder that is not known, or None.
        unfollowed: where it loads what cannot be known, or cannot be read, or None.
        registered: whether Airflow finds it by itself in a plugins folder.
        crosses: whether it may name other DAGs, by an operator that triggers or waits.
    """

    imports: tuple[Import, ...] = ()
    names: tuple[Named, ...] = ()
    searched: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    wanders: Related | None = None
    unfollowed: Related | None = None
    registered: bool = False
    crosses: bool = False
