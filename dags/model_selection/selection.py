"""The steps after the models: comparison with the champion, deployment by alias, notification."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from mlops import notifier, registry, storage
from mlops.failures import PermanentError
from mlops.tracking import TrackingError, configured
from model_selection.candidates import NAMES, accuracy
from model_selection.data import read_part

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

REGISTERED: Final = "model-selection"
# Tags of a version: which champion it took the place of, if any, and how good that one was.
BEATEN: Final = "beaten_version"
BEATEN_ACCURACY: Final = "beaten_accuracy"

_log = logging.getLogger(__name__)


def compare(trained: Iterable[Mapping[str, Any]], data: Mapping[str, Any]) -> dict[str, Any]:
    """Choose the better candidate, and say whether it beats the champion on the same test rows.

    Best is the highest accuracy; of equals the first in `NAMES`. It has to be strictly better
    than the champion, so that the same data twice promote nothing twice.

    Args:
        trained: what `candidates.train` returned, one for each candidate.
        data: what `data.validate` returned.

    Returns:
        `best` (what `train` returned for it), `accuracies` by candidate, `champion` (version before
        this run as text, or None), `champion_accuracy` (None where there was no champion),
        `better`, and `report`, the address of all that as JSON.

    Raises:
        mlops.failures.PermanentError: the champion takes other features than these data have.
        mlops.tracking.TrackingError: MLflow does not answer, or the champion cannot be loaded.
        mlops.storage.StorageError: the test rows are gone, or DATA_ROOT cannot be written.
        ValueError: there is no candidate.
    """
    trained = sorted(trained, key=lambda one: NAMES.index(one["candidate"]))
    best = max(trained, key=lambda one: one["accuracy"])  # of equals the first
    champion = registry.champion(REGISTERED)
    # Ours: this run promoted it before it was cleared.
    ours = champion is not None and champion.tags.get(registry.MODEL_URI) == best["model_uri"]
    to_beat = champion_accuracy = None
    if champion is not None and not ours:
        to_beat, champion_accuracy = str(champion.version), _champion_accuracy(champion, data)
    elif champion is not None and BEATEN in champion.tags:
        to_beat = champion.tags[BEATEN]
        champion_accuracy = float(champion.tags[BEATEN_ACCURACY])
    compared = {
        "best": dict(best),
        "accuracies": {one["candidate"]: one["accuracy"] for one in trained},
        "to_beat": to_beat,
        "champion_accuracy": champion_accuracy,
        "better": champion_accuracy is None or best["accuracy"] > champion_accuracy,
    }
    report = storage.write_json(f"{data['base']}/comparison.json", compared)
    return {**compared, "report": report}


def deploy(compared: Mapping[str, Any]) -> dict[str, Any]:
    """Register the better model and move the alias `champion` to it, if it beat the champion.

    The alias moves last and in one step: killed before, the next try goes on with the version.

    Args:
        compared: what `compare` returned.

    Returns:
        `model_name`, `alias`, `version` of the champion after this run, `promoted`.

    Raises:
        mlops.failures.PermanentError: another champion than the compared one serves by now.
        mlops.tracking.TrackingError: MLflow does not answer.
    """
    best = compared["best"]
    champion = registry.champion(REGISTERED)
    version = None if champion is None else str(champion.version)
    ours = champion is not None and champion.tags.get(registry.MODEL_URI) == best["model_uri"]
    if not ours and version != compared["to_beat"]:
        raise PermanentError(
            f"The champion of `{REGISTERED}` is now {_named(version)}, and the candidates were "
            f"compared with {_named(compared['to_beat'])}; clear the task `compare_models`."
        )
    if compared["better"] and not ours:
        tags = {"candidate": str(best["candidate"]), "accuracy": repr(best["accuracy"])}
        if compared["to_beat"] is not None:
            tags[BEATEN] = str(compared["to_beat"])
            tags[BEATEN_ACCURACY] = repr(compared["champion_accuracy"])
        version = str(registry.register(best["model_uri"], REGISTERED, tags).version)
        registry.promote(REGISTERED, version)
    return {
        "model_name": REGISTERED,
        "alias": registry.CHAMPION,
        "version": version,
        "promoted": bool(compared["better"]),
    }


def notify(compared: Mapping[str, Any], deployed: Mapping[str, Any]) -> dict[str, Any]:
    """Log how the selection ended, and post it to the webhook where one is set.

    Returns:
        What was posted: `state`, `model`, `version`, `promoted`, `candidate`, `accuracies`,
        `champion_accuracy`.
    """
    said = {
        "state": "success",
        "model": deployed["model_name"],
        "version": deployed["version"],
        "promoted": deployed["promoted"],
        "candidate": compared["best"]["candidate"],
        "accuracies": dict(compared["accuracies"]),
        "champion_accuracy": compared["champion_accuracy"],
    }
    _log.info("%s", " ".join(f"{name}={value}" for name, value in said.items()))
    notifier.post(said)
    return said


def _named(version: str | None) -> str:
    return "none" if version is None else f"version {version}"


def _champion_accuracy(champion: "ModelVersion", data: Mapping[str, Any]) -> float:
    """Return the champion's accuracy on the test rows of this run."""
    address = f"models:/{champion.name}/{champion.version}"
    features = list(data["features"])
    with configured() as mlflow:
        try:
            model = mlflow.pyfunc.load_model(address)
            wanted = model.metadata.signature.inputs.input_names()
        except Exception as error:
            # Whatever keeps it from predicting, nobody may take its place unseen.
            reason = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
            raise TrackingError(
                f"Champion {champion.version} of `{champion.name}` cannot be loaded from {address} "
                f"({reason}); mend it, or move the alias `{registry.CHAMPION}`."
            ) from error
        if set(wanted) != set(features):
            other = ", ".join(f"`{name}`" for name in sorted(set(wanted) ^ set(features)))
            raise PermanentError(
                f"Champion {champion.version} of `{champion.name}` takes other features than these "
                f"data have (they differ in {other}); give data of its kind, or remove the alias "
                f"`{registry.CHAMPION}`."
            )
        return accuracy(model, read_part(data["test"]), wanted, str(data["target"]))
