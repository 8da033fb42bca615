"""Keeps small sums to one thread."""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def one_thread() -> AbstractContextManager[object]:
    """Keep trees (OpenMP) and matrices (BLAS) to one thread while the block runs.

    Their threads wait for one another by spinning. Beside other busy processes, as on any worker,
    that makes two threads 4 to 18 times slower than one, and alone they gain next to nothing here.
    """
    limited: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limited
