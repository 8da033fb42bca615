"""Columns of text that line up below their heads."""

from collections.abc import Sequence

from dagproof.reporters.characters import cells


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a head, a rule and the rows, as wide as their cells; nothing ends in blanks."""
    widths = [max(map(cells, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("─" * width for width in widths), *rows]
    return "\n".join(
        "  ".join(
            f"{cell}{' ' * (width - cells(cell))}" for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
