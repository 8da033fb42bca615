"""Makes things in MLflow once, also where the answer to a request is lost on its way.

MLflow's client repeats a request that got no answer. Most may be carried out twice; one that makes
a run, a model or a version would make a second one.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from mlops.mlflow_session import is_lost, put_back

_T = TypeVar("_T")
_PAUSES: Final = (0.0, 0.2, 1.0)  # seconds before each try
_UNDER_WAY: Final = 0.3  # seconds in which a request without an answer may still be carried out
_REPEATS: Final = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"


def once(find: Callable[[], _T | None], make: Callable[[], _T]) -> _T:
    """Return what there is already, else make it.

    Where the answer to `make` is lost, `find` says whether it was carried out; only where it was
    not, `make` is called again.

    Args:
        find: looks for what an earlier call of `make` made; None where there is nothing.
        make: makes it, with one request that makes anything.

    Raises:
        mlflow.MlflowException: MLflow refuses, or loses one answer after the other.
    """
    from mlflow import MlflowException

    lost = None
    for pause in _PAUSES:
        time.sleep(pause)
        with unrepeated():
            try:
                found = find()
                if found is None and lost is not None:
                    time.sleep(_UNDER_WAY)
                    with suppress(MlflowException):  # the first look has answered
                        found = find()
                return make() if found is None else found
            except MlflowException as error:
                if not is_lost(error):
                    raise
                lost = error
    raise lost or RuntimeError("nothing was tried")


@contextmanager
def unrepeated() -> Iterator[None]:
    """Keep MLflow's client from repeating requests while the block runs."""
    with put_back([_REPEATS]):
        os.environ[_REPEATS] = "0"
        yield
