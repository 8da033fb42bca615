"""Reads names and numbers as templates and steps give them, and refuses what is none.

MLflow would refuse them, too, but not all of them, not at once, and each try of a task anew.
"""

import math
import re
from numbers import Real
from typing import Any

from mlops.failures import PermanentError

_LONGEST_ALIAS = 255


def model(told: object) -> str:
    """Return the name of a registered model.

    Raises:
        PermanentError: it is empty, or holds `/` or `:`.
    """
    name = _text(told, "model")
    if re.search("[/:]", name):
        raise PermanentError(f"`{name}` cannot name a model; leave out `/` and `:`.")
    return name


def alias(told: object) -> str:
    """Return an alias.

    Raises:
        PermanentError: it is empty, holds what MLflow refuses, or is one that MLflow keeps for
            itself (`latest`, `v3`).
    """
    name = _text(told, "alias")
    if re.fullmatch(r"latest|v\d+", name, re.IGNORECASE):
        raise PermanentError(
            f"`{name}` cannot be an alias: MLflow means a version by it; give another name."
        )
    if not re.fullmatch(r"[\w-]+", name) or len(name) > _LONGEST_ALIAS:
        raise PermanentError(
            f"`{name}` cannot be an alias; use letters, digits, `_` and `-`, "
            f"{_LONGEST_ALIAS} at most."
        )
    return name


def experiment(told: object) -> str:
    """Return the name of an experiment.

    Raises:
        PermanentError: it is empty.
    """
    return _text(told, "experiment")


def is_finite(told: Any, kind: Any = Real) -> bool:
    """Say whether it is a number, NumPy's among them; a truth value is none."""
    return isinstance(told, kind) and not isinstance(told, bool) and math.isfinite(float(told))


def _text(told: object, what: str) -> str:
    """Return a text that is there: `None` is what a template makes of nothing."""
    text = "" if told is None else str(told)
    if text.strip() in ("", "None"):
        raise PermanentError(f"No {what} is named; look at the argument, or the template in it.")
    return text
