"""The steps of `ml_pipeline_branching`, and the decision between its three ways."""

import logging
import random
from typing import Any, Final

from mlops import notifier

HIGH: Final = 0.8  # a score above it takes the full way
MEDIUM: Final = 0.5  # a score above it takes the simplified way

_log = logging.getLogger(__name__)


def quality_score(seed: str) -> float:
    """Return the simulated quality of the data, 0-1; equal seeds give equal scores."""
    return random.Random(seed).random()  # noqa: S311 - a simulation, no secret


def way_of(score: float) -> str:
    """Return the id of the task that a score leads to; the limits themselves belong below."""
    if score > HIGH:
        return "high_quality_pipeline"
    if score > MEDIUM:
        return "medium_quality_pipeline"
    return "data_quality_alert"


def process(way: str, features: str, score: float) -> dict[str, Any]:
    """Say that the features are made, and how.

    Returns:
        `way`, `features` (`full` or `simplified`) and `quality_score`.
    """
    _log.info("Running %s feature engineering on data of quality %.2f", features, score)
    return {"way": way, "features": features, "quality_score": score}


def alert(score: float) -> dict[str, Any]:
    """Warn in the log, and post the warning to the webhook where one is set.

    Returns:
        What was posted: `state` (`alert`), `quality_score`, `needed`.
    """
    _log.warning("Data quality %.2f is not above %.2f: look at the data by hand.", score, MEDIUM)
    said = {"state": "alert", "quality_score": score, "needed": MEDIUM}
    notifier.post(said)
    return said
