"""Writes a SciPy sparse matrix as npz and reads it back exactly; never by pickle.

`scipy.sparse.save_npz` knows neither `lil` nor `dok`, and narrows index types while it reads.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

_STORED = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "bsr": ("data", "indices", "indptr"),
    "dia": ("data", "offsets"),
    "coo": ("data",),  # and one array of coordinates for each dimension
}


def write(path: Path, matrix: Any) -> None:
    """Write a sparse matrix or array of any format, shape, value type and index type.

    Raises:
        TypeError: its values are Python objects, which only pickle could write.
    """
    import numpy as np

    header, arrays = _pack(matrix)
    with path.open("wb") as file:
        np.savez(file, header=np.array(header), **arrays)


def digest(matrix: Any) -> str:
    """Return 32 hexadecimal digits that are the same for the same stored content.

    Raises:
        TypeError: as `write`.
    """
    import numpy as np

    header, arrays = _pack(matrix)
    content = hashlib.sha256(header.encode())
    for name, values in arrays.items():
        content.update(f"{name} {values.dtype.str} {values.shape}".encode())
        content.update(np.ascontiguousarray(values).view(np.uint8).data)
    return content.hexdigest()[:32]


def _pack(matrix: Any) -> tuple[str, dict[str, Any]]:
    if matrix.dtype.hasobject:
        raise TypeError("A sparse matrix of Python objects cannot be stored; convert its dtype.")
    # The stored entries of lil and dok, explicit zeros included, are those of their coo form.
    stored = matrix if matrix.format in _STORED else matrix.tocoo()
    arrays = {name: getattr(stored, name) for name in _STORED[stored.format]}
    if stored.format == "coo":
        arrays |= {f"coordinate_{axis}": values for axis, values in enumerate(stored.coords)}
    header = {
        "format": matrix.format,
        "stored": stored.format,
        "kind": "matrix" if _is_matrix(matrix) else "array",
        "shape": [int(length) for length in matrix.shape],
    }
    return json.dumps(header), arrays


def read(path: Path) -> Any:
    """Read what `write` wrote: the same class, shape, dtype, index dtype and stored entries.

    Raises:
        ValueError: the file is damaged, or was not written by `write`.
    """
    import zipfile

    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        return _build(header, arrays)
    except (  # a RuntimeError: the zip calls itself encrypted, or of a later version
        *(KeyError, ValueError, TypeError, EOFError, OSError, RuntimeError),
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(f"{path.name} holds no sparse matrix ({error}).") from error


def _is_matrix(matrix: Any) -> bool:
    from scipy import sparse

    return isinstance(matrix, sparse.spmatrix)


def _build(header: dict[str, Any], arrays: dict[str, Any]) -> Any:
    from scipy import sparse

    stored, kind, shape = header["stored"], header["kind"], tuple(header["shape"])
    of_class = getattr(sparse, f"{stored}_{kind}")
    data = arrays["data"]
    if stored == "coo":
        coordinates = tuple(arrays[f"coordinate_{axis}"] for axis in range(len(shape)))
        matrix = of_class((data, coordinates), shape=shape)
        matrix.coords = coordinates  # the constructor may have narrowed their type
    elif stored == "dia":
        matrix = of_class((data, arrays["offsets"]), shape=shape)
        matrix.offsets = arrays["offsets"]
    else:
        matrix = of_class((data, arrays["indices"], arrays["indptr"]), shape=shape)
        matrix.indices, matrix.indptr = arrays["indices"], arrays["indptr"]
    return matrix if header["format"] == stored else matrix.asformat(header["format"])
