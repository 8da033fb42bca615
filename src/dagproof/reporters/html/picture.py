"""Draws a DAG: a box for each task, marked and coloured, and lines for what runs after what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dagproof.reporters.characters import cells
from dagproof.reporters.html.escape import Html, clean, joined, shortened, tag
from dagproof.reporters.html.layout import HEIGHT, Layout, Point, laid_out
from dagproof.reporters.html.parts import scroll

_CELL: Final = 7.25
"""Pixels of one character in a box."""

_LONGEST: Final = 26
"""Cells of a label."""

_MARGIN: Final = 8.0
_ROW: Final = 5
"""Boxes beside each other where nothing is known of their order but when they started."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """A task, or many of them, as it is drawn.

    Attributes:
        label: its name.
        note: a few words below the name.
        sign: one character.
        kind: class that colours it.
        title: what is shown when it is pointed at.
    """

    label: str
    note: str = ""
    sign: str = ""
    kind: str = "off"
    title: str = ""


def arranged(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> Layout:
    """Return where the boxes stand."""
    return laid_out({node: _width(box) for node, box in boxes.items()}, edges)


def in_rows(boxes: Mapping[str, Box]) -> Layout:
    """Return where boxes stand of which nobody knows what runs after what."""
    width = max(map(_width, boxes.values()), default=0.0) + _MARGIN
    places = {
        node: (at % _ROW * width, at // _ROW * (HEIGHT + _MARGIN)) for at, node in enumerate(boxes)
    }
    rows = -(-len(boxes) // _ROW)
    return Layout(width * min(_ROW, len(boxes)), rows * (HEIGHT + _MARGIN), places, {})


def drawn(
    label: str,
    boxes: Mapping[str, Box],
    layout: Layout,
    edge_kind: Callable[[Edge], str] = lambda _: "edge",
) -> Html:
    """Return the picture.

    Args:
        label: what it shows, for those who do not see it.
        boxes: those that are drawn; the layout may know more.
        layout: where they stand.
        edge_kind: class of an edge; an empty one leaves it out.
    """
    paths: dict[str, list[str]] = {}
    for edge, route in layout.routes.items():
        if kind := edge_kind(edge):
            paths.setdefault(kind, []).append(_line(route))
    lines = [tag("path", d=Html("".join(d)), class_=kind) for kind, d in sorted(paths.items())]
    shapes = [_box(boxes[node], layout.places[node]) for node in boxes]
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    return scroll(
        "Picture",
        tag(
            "svg",
            tag("g", *lines, *shapes, transform=f"translate({_MARGIN:g} {_MARGIN:g})"),
            class_="dag",
            width=width,
            height=height,
            viewBox=f"0 0 {width:.0f} {height:.0f}",
            role="img",
            aria_label=label,
        ),
    )


def cut(label: str, longest: int = _LONGEST) -> str:
    """Return a label of at most so many cells; of a longer one, its two ends."""
    label = clean(shortened(label, 200)).replace("\n", " ")
    if cells(label) <= longest:
        return label
    keep = longest
    while cells(label[: keep // 2]) + cells(label[-(keep // 2) :]) >= longest:
        keep -= 1
    return f"{label[: keep // 2]}…{label[-(keep // 2) :]}"


def _width(box: Box) -> float:
    wide = max(cells(cut(box.label)) + 2 * bool(box.sign), cells(cut(box.note)) * 0.9)
    return max(96.0, wide * _CELL + 24)


def _box(box: Box, at: Point) -> Html:
    texts = [
        tag("title", box.title) if box.title else None,
        tag("rect", width=_width(box)),
        tag("text", f"{box.sign} " if box.sign else "", cut(box.label), x=11, y=18),
        tag("text", cut(box.note), x=11, y=33, class_="sub") if box.note else None,
    ]
    move = f"translate({at[0]:.0f} {at[1]:.0f})"
    return tag("g", joined(texts), class_=f"box {box.kind}", transform=move)


def _line(route: Sequence[Point]) -> str:
    """Return the path of an edge, with its head."""
    parts = [f"M{route[0][0]:.0f} {route[0][1]:.0f}"]
    for (x, y), (to_x, to_y) in pairwise(route):
        if round(y) == round(to_y):
            parts.append(f"H{to_x:.0f}")
        else:
            middle = (x + to_x) / 2
            parts.append(f"C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}")
    back = 1 if route[-1][0] < route[0][0] else -1
    return f"{''.join(parts)}m{back * 6}-4l{-back * 6} 4l{back * 6} 4"
