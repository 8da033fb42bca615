"""Makes arrays, tables and sparse matrices, where their libraries are loaded."""

import sys
import typing
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Strategy = SearchStrategy[Any]


def table_strategy(annotation: Any) -> Strategy | None:
    """Return a strategy for a class of NumPy, pandas or SciPy; None for any other."""
    origin = typing.get_origin(annotation) or annotation
    if not isinstance(origin, type):
        return None
    found = (_of_numpy(annotation, origin), _of_pandas(origin), _of_scipy(origin))
    return next((one for one in found if one is not None), None)


def _of_numpy(annotation: Any, origin: type) -> Strategy | None:
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        return None
    if issubclass(origin, numpy.ndarray):
        return _arrays(_dtype_of(annotation))
    if issubclass(origin, numpy.generic):
        try:
            dtype = numpy.dtype(origin)
        except TypeError:  # an abstract one, such as `np.number`
            dtype = numpy.dtype("float64")
        return _elements(dtype)
    return None


def _dtype_of(annotation: Any) -> Any:
    """Return the dtype that `NDArray[np.float32]` and its like name; float64 for none."""
    numpy: Any = sys.modules["numpy"]
    for argument in typing.get_args(annotation):
        for inner in (argument, *typing.get_args(argument)):
            if isinstance(inner, type) and issubclass(inner, numpy.generic):
                try:
                    return numpy.dtype(inner)
                except TypeError:
                    continue
    return numpy.dtype("float64")


def _elements(dtype: Any) -> Strategy:
    from hypothesis.extra import numpy as made

    if dtype.kind in "fc":
        return made.from_dtype(dtype, allow_nan=False, allow_infinity=False)
    if dtype.kind == "U":
        return st.text("ab1", max_size=4).map(dtype.type)
    return made.from_dtype(dtype)


def _arrays(dtype: Any, dimensions: int = 1) -> Strategy:
    from hypothesis.extra import numpy as made

    shapes = st.tuples(*[st.integers(1, 3)] * dimensions)
    return made.arrays(dtype, shapes, elements=_elements(dtype))


def _of_pandas(origin: type) -> Strategy | None:
    pandas: Any = sys.modules.get("pandas")
    if pandas is None:
        return None
    if issubclass(origin, pandas.DataFrame):
        rows = st.tuples(st.integers(-9, 9), st.floats(-9, 9), st.text("ab", max_size=3))
        return st.lists(rows, min_size=1, max_size=3).map(
            lambda rows: origin(rows, columns=["number", "share", "name"])
        )
    if issubclass(origin, pandas.Series):
        return st.lists(st.integers(-9, 9), min_size=1, max_size=3).map(origin)
    if issubclass(origin, pandas.Timestamp):
        moments = st.datetimes(pandas.Timestamp(1970, 1, 2), pandas.Timestamp(2100, 1, 1))
        return moments.map(pandas.Timestamp)
    return None


def _of_scipy(origin: type) -> Strategy | None:
    sparse: Any = sys.modules.get("scipy.sparse")
    numpy: Any = sys.modules.get("numpy")
    if sparse is None or numpy is None:
        return None
    if not issubclass(origin, (sparse.spmatrix, sparse.sparray)):
        return None
    concrete = origin if hasattr(origin, "format") and origin.__name__ != "spmatrix" else None
    of_class = concrete or (
        sparse.csr_array if issubclass(origin, sparse.sparray) else sparse.csr_matrix
    )
    return _arrays(numpy.dtype("float64"), 2).map(of_class)
