"""Looks for the smallest conf with which something still goes wrong."""

from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import HealthCheck, find, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from dagproof.contracts.undisturbed import undisturbed

Conf = dict[str, object]

_EXAMPLES: Final = 60


def smallest(
    conf: Conf,
    goes_wrong: Callable[[Conf], bool],
    strategy: Callable[[Sequence[str]], SearchStrategy[Conf] | None],
) -> Conf:
    """Return a conf with which it goes wrong: with as few keys and as small values as were found.

    Args:
        conf: with which it does.
        goes_wrong: says so of another one; False for one that Airflow refuses.
        strategy: of confs with values for these keys alone; None where there is none.
    """
    left = dict(conf)
    for key in sorted(conf):
        without = {name: value for name, value in left.items() if name != key}
        if goes_wrong(without):
            left = without
    confs = strategy(sorted(left)) if left else None
    if confs is None:
        return left
    try:
        with undisturbed():
            found = find(confs, goes_wrong, settings=_SETTINGS)
    except HypothesisException:
        return left
    return min((left, found), key=_size)


def _size(conf: Conf) -> tuple[int, int, str]:
    text = repr(sorted(conf.items()))
    return len(conf), len(text), text


_SETTINGS: Final = settings(
    max_examples=_EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
