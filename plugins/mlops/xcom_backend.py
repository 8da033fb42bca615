"""Lets SciPy sparse matrices travel by XCom: the matrix in object storage, its address in XCom.

Configure it with `AIRFLOW__CORE__XCOM_BACKEND=mlops.xcom_backend.SparseMatrixXComBackend`.
A matrix, also inside dicts, lists and tuples, becomes
`{"mlops.sparse": "<uri>", "format": "csr", "shape": [2, 3], "dtype": "float64", "nnz": 4}`,
which the user interface shows as it is; everything else is left to Airflow's own serializer.
The file's name is the hash of its content: a retry that computes the same writes the same file,
and one that computes something else touches nothing that was there.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

from airflow.sdk.bases.xcom import BaseXCom

from mlops import sparse_npz, storage

MARKER = "mlops.sparse"

_log = logging.getLogger(__name__)


class SparseMatrixXComBackend(BaseXCom):
    """Airflow's XCom, with sparse matrices by reference under `DATA_ROOT/xcom`."""

    @staticmethod
    def serialize_value(
        value: Any,
        *,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        run_id: str | None = None,
        map_index: int | None = None,
        **more: Any,
    ) -> Any:
        """Store the sparse matrices of a value, and serialize the rest as Airflow does.

        Args:
            value: what the task pushes.
            key: the XCom's key.
            task_id: of the task that pushes.
            dag_id: of its DAG.
            run_id: of its run.
            map_index: of the task instance; -1 where it is not mapped.
            more: what a later Airflow may add.

        Raises:
            mlops.storage.StorageError: a matrix cannot be stored.
            ValueError: the value is a dict that uses the key `mlops.sparse` itself.
        """
        place = (dag_id, run_id, task_id, str(-1 if map_index is None else map_index), key)
        folder = [storage.safe(str(part)) for part in place]
        replaced = _replaced(value, lambda matrix: _store(matrix, folder))
        return BaseXCom.serialize_value(
            replaced,
            key=key,
            task_id=task_id,
            dag_id=dag_id,
            run_id=run_id,
            map_index=map_index,
            **more,
        )

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """Read a value back, its sparse matrices included.

        A row of the metadata database is given by the API server only, for display: there the
        references stay references, because that process may reach no object storage and can send
        no matrix as JSON.

        Raises:
            mlops.storage.StorageError: a matrix is gone, damaged or out of reach.
        """
        value = BaseXCom.deserialize_value(result)
        return value if hasattr(result, "__tablename__") else _restored(value)

    @classmethod
    def purge(cls, xcom: Any, *args: Any) -> None:  # noqa: ARG003 - Airflow's signature
        """Remove the files of an XCom that Airflow deletes; only below `DATA_ROOT/xcom`."""
        try:
            value = BaseXCom.deserialize_value(xcom)
        except Exception:  # noqa: BLE001 - what cannot be read refers to nothing of ours
            return
        root = storage.uri("xcom") + "/"
        for reference in _references(value):
            if not reference.startswith(root) or "/../" in reference:
                _log.warning("%s is not below %s and is left alone.", reference, root)
                continue
            try:
                storage.remove(reference)
            except storage.StorageError as error:
                _log.warning("A file of a deleted XCom is left behind: %s", error)


def _replaced(value: Any, store: Callable[[Any], dict[str, Any]]) -> Any:
    """Put references in place of matrices; a value without any is returned itself."""
    if _is_sparse(value):
        return store(value)
    if isinstance(value, dict):
        if MARKER in value:
            raise ValueError(f"The key `{MARKER}` is reserved; use another one in this XCom.")
        items = {key: _replaced(item, store) for key, item in value.items()}
        return value if all(items[key] is value[key] for key in items) else items
    if isinstance(value, list | tuple):
        parts = [_replaced(item, store) for item in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        return parts if isinstance(value, list) else tuple(parts)
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if MARKER in value:
            return _fetch(str(value[MARKER]))
        return {key: _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_restored(item) for item in value)
    return value


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        if MARKER in value:
            return [str(value[MARKER])]
        return [found for item in value.values() for found in _references(item)]
    if isinstance(value, list | tuple):
        return [found for item in value for found in _references(item)]
    return []


def _is_sparse(value: Any) -> bool:
    module = sys.modules.get("scipy.sparse")  # not imported: then there is no such matrix
    return module is not None and bool(module.issparse(value))


def _store(matrix: Any, folder: list[str]) -> dict[str, Any]:
    address = storage.uri("xcom", *folder, f"{sparse_npz.digest(matrix)}.npz")
    with storage.publish(address) as path:
        sparse_npz.write(path, matrix)
    return {
        MARKER: address,
        "format": matrix.format,
        "shape": [int(length) for length in matrix.shape],
        "dtype": str(matrix.dtype),
        "nnz": int(matrix.nnz),
    }


def _fetch(address: str) -> Any:
    with storage.local_copy(address) as path:
        try:
            return sparse_npz.read(path)
        except ValueError as error:
            raise storage.StorageError(
                f"{address} is damaged ({error}); clear the task that pushed it."
            ) from error
