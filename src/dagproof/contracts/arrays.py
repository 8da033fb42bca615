"""Compares arrays, tables and sparse matrices with what came of them.

NumPy, pandas and SciPy are not imported: where they are not loaded, no value is of theirs.
"""

import sys
from collections.abc import Iterator
from typing import Any

from dagproof.contracts.loss import Loss, Pair, class_loss, shown


def knows(value: object) -> bool:
    """Say whether this module compares such a value."""
    return any(knows(value) for knows in (_is_array, _is_scalar, _is_table, _is_sparse))


def look(pair: Pair) -> Iterator[Loss]:
    """Yield what an array, a table or a sparse matrix lost."""
    if _is_sparse(pair.pushed):
        yield from _sparse(pair)
    elif _is_array(pair.pushed):
        yield from _array(pair)
    elif _is_table(pair.pushed):
        yield from _table(pair)
    else:
        yield from _scalar(pair)


def _is_array(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _is_scalar(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic)


def _is_table(value: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index)


def _is_sparse(value: object) -> bool:
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(value))


def _scalar(pair: Pair) -> Iterator[Loss]:
    pushed, pulled = pair.pushed, pair.pulled
    if type(pushed) is not type(pulled):
        yield class_loss(pair)
    elif pushed.dtype.kind == "c" and pushed.imag != pulled.imag and pushed.real == pulled.real:
        yield Loss(pair.path, "imaginary", shown(pushed), shown(pulled))
    elif not _equal(pushed, pulled):
        yield Loss(pair.path, "value", shown(pushed), shown(pulled))


def _equal(one: Any, other: Any) -> bool:
    """Compare arrays of one shape, NaN with NaN."""
    numpy: Any = sys.modules["numpy"]
    try:
        return bool(numpy.array_equal(one, other, equal_nan=True))
    except TypeError:  # objects and texts have no NaN
        return bool(numpy.array_equal(one, other))


def _array(pair: Pair) -> Iterator[Loss]:
    pushed, pulled = pair.pushed, pair.pulled
    if type(pushed) is not type(pulled):
        yield class_loss(pair)
        return
    if pushed.dtype != pulled.dtype:
        yield Loss(pair.path, "dtype", f"dtype {pushed.dtype}", f"dtype {pulled.dtype}")
    if pushed.shape != pulled.shape:
        yield Loss(pair.path, "shape", f"shape {pushed.shape}", f"shape {pulled.shape}")
    elif not _equal(pushed, pulled):
        yield Loss(pair.path, "value", shown(pushed), shown(pulled))


def _table(pair: Pair) -> Iterator[Loss]:
    pushed, pulled = pair.pushed, pair.pulled
    pandas: Any = sys.modules["pandas"]
    if type(pushed) is not type(pulled):
        yield class_loss(pair)
        return
    if isinstance(pushed, pandas.Index):
        yield from _labels(pair.path, "index", pushed, pulled)
        return
    yield from _labels(pair.path, "index", pushed.index, pulled.index)
    if isinstance(pushed, pandas.Series):
        yield from _column(pair.path, pushed, pulled)
        return
    told = list(_labels(pair.path, "columns", pushed.columns, pulled.columns))
    yield from told
    if told or len(pushed) != len(pulled):
        return
    for number, name in enumerate(pushed.columns):
        yield from _column(
            f"{pair.path}[{shown(name)}]", pushed.iloc[:, number], pulled.iloc[:, number]
        )


def _labels(path: str, kind: str, pushed: Any, pulled: Any) -> Iterator[Loss]:
    same = len(pushed) == len(pulled) and pushed.equals(pulled)
    if not same or list(pushed.names) != list(pulled.names) or pushed.dtype != pulled.dtype:
        yield Loss(path, kind, *(f"{kind} {_of_labels(one)}" for one in (pushed, pulled)))


def _of_labels(labels: Any) -> str:
    names = [name for name in labels.names if name is not None]
    called = f" called {', '.join(map(str, names))}" if names else ""
    first = ", ".join(shown(one) for one in labels[:4].tolist())
    more = ", …" if len(labels) > 4 else ""  # noqa: PLR2004 - as many as are shown
    return f"[{first}{more}] of {labels.dtype}{called}"


def _column(path: str, pushed: Any, pulled: Any) -> Iterator[Loss]:
    if pushed.dtype != pulled.dtype:
        yield Loss(path, "dtype", f"dtype {pushed.dtype}", f"dtype {pulled.dtype}")
    elif len(pushed) == len(pulled) and not pushed.array.equals(pulled.array):
        yield Loss(path, "value", shown(pushed[:6].tolist()), shown(pulled[:6].tolist()))


def _sparse(pair: Pair) -> Iterator[Loss]:
    pushed, pulled = pair.pushed, pair.pulled
    if not _is_sparse(pulled):
        yield class_loss(pair)
        return
    if type(pushed) is not type(pulled):
        kinds = (f"{one.format}, {type(one).__name__}" for one in (pushed, pulled))
        yield Loss(pair.path, "format", *kinds)
    for what in ("dtype", "shape"):
        before, after = getattr(pushed, what), getattr(pulled, what)
        if before != after:
            yield Loss(pair.path, what, f"{what} {before}", f"{what} {after}")
    if pushed.nnz != pulled.nnz:
        counts = (f"{one.nnz} stored entries" for one in (pushed, pulled))
        yield Loss(pair.path, "entries", *counts)
    elif pushed.shape == pulled.shape and not _same_entries(pushed, pulled):
        yield Loss(pair.path, "value", *(shown(_entries(one)) for one in (pushed, pulled)))


def _same_entries(pushed: Any, pulled: Any) -> bool:
    one, other = _in_order(pushed), _in_order(pulled)
    return all(_equal(mine, yours) for mine, yours in zip(one, other, strict=True))


def _in_order(matrix: Any) -> tuple[Any, ...]:
    """Return the coordinates and the values of the stored entries, in one order for all formats."""
    numpy: Any = sys.modules["numpy"]
    held = matrix.tocoo()
    coordinates = getattr(held, "coords", None) or (held.row, held.col)
    order = numpy.lexsort((held.data, *coordinates) if held.dtype.kind != "c" else coordinates)
    return (*(axis[order] for axis in coordinates), held.data[order])


def _entries(matrix: Any) -> dict[Any, Any]:
    held = matrix.tocoo()
    coordinates = getattr(held, "coords", None) or (held.row, held.col)
    places = zip(*(axis[:6].tolist() for axis in coordinates), strict=True)
    return dict(zip(places, held.data[:6].tolist(), strict=False))
