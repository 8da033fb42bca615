"""The steps of a promotion: which version, the checks that it must pass, and the one move."""

import logging
from typing import Any, Final

from batch_prediction import serving
from feature_engineering import published
from iris import data
from iris.model import REGISTERED
from mlops import notifier, registry, storage, tracking
from mlops.failures import NothingToDoError, PermanentError

REPLACES: Final = "mlops.replaces"
"""Tag of a version, followed by `.<alias>`: the version that it took the alias from."""

_log = logging.getLogger(__name__)


def choose(run_id: str, source: str, target: str, *, rollback: bool) -> dict[str, Any]:
    """Say which version is to get the alias, and which has it now; a run decides this once.

    The decision is kept in `decision.json`: a run that is cleared, or tried again, means the same
    versions, also where it has moved the alias meanwhile. A rollback, too, goes back one version
    however often it is repeated.

    Args:
        run_id: Airflow's.
        source: alias of the candidate.
        target: alias that it is to get.
        rollback: whether the candidate is the version that the present one has replaced, in place
            of that of `source`.

    Returns:
        `base` (address of the folder), `alias`, `rollback`, `candidate` (`name` and `version`),
        `incumbent` (the same, or None while no version has the alias).

    Raises:
        NothingToDoError: there is no candidate, or it has the alias already.
        PermanentError: the version to go back to is gone.
        mlops.tracking.TrackingError: MLflow does not answer.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    base = storage.uri("iris", "promotions", storage.safe(run_id))
    address = f"{base}/decision.json"
    if storage.exists(address):
        kept: dict[str, Any] = storage.read_json(address)
        return kept
    incumbent = _holder(target)
    candidate = _replaced(incumbent, target) if rollback else serving.served(source)
    if incumbent is not None and incumbent["version"] == candidate["version"]:
        raise NothingToDoError(
            f"{serving.label(candidate).capitalize()} carries `{target}` already."
        )
    decision = {
        "base": base,
        "alias": target,
        "rollback": rollback,
        "candidate": _named(candidate),
        "incumbent": incumbent and _named(incumbent),
    }
    storage.write_json(address, decision)
    return decision


def check(
    decision: dict[str, Any], table: str, min_accuracy: float, max_loss: float
) -> dict[str, Any]:
    """Have the candidate, and who it would replace, predict the same rows; refuse a worse one.

    Reads only: whatever goes wrong here, the aliases stay where they are. In a rollback the
    candidate need only predict well enough, since it may well look worse than what is broken.

    Args:
        decision: what `choose` returned.
        table: labelled rows: `features`, `sklearn` or an address.
        min_accuracy: what the candidate needs, 0-1, itself still good enough.
        max_loss: how much less accurate than the incumbent it may be.

    Returns:
        `accuracy` of the candidate, `incumbent_accuracy` (None without one), `rows`.

    Raises:
        PermanentError: a check fails, the table is empty or does not fit, or the candidate is gone.
        NothingToDoError: nothing has been published yet.
        mlops.tracking.TrackingError: MLflow does not answer.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    address = data.extract(decision["base"], published.resolved(table))
    rows = data.read_table(address)
    if not len(rows) or data.TARGET not in rows.columns or rows[data.TARGET].isna().any():
        raise PermanentError(
            f"{table} has no rows, or some without a class in `{data.TARGET}`, so that nothing can"
            " be checked; name labelled rows."
        )
    candidate, incumbent = decision["candidate"], decision["incumbent"]
    accuracy = _accuracy(candidate, rows, address)
    if accuracy < min_accuracy:
        raise _refused(candidate, f"accuracy {accuracy:.4f} is below min_accuracy {min_accuracy:g}")
    before = None
    if incumbent is not None and not decision["rollback"]:
        before = _accuracy(incumbent, rows, address)
        if accuracy < before - max_loss:
            raise _refused(
                candidate,
                f"accuracy {accuracy:.4f} is below {before:.4f} of version {incumbent['version']}"
                f" by more than max_loss {max_loss:g}",
            )
    return {"accuracy": accuracy, "incumbent_accuracy": before, "rows": len(rows)}


def move(decision: dict[str, Any], checked: dict[str, Any]) -> dict[str, Any]:
    """Move the alias, in one request and last; before it, nobody sees anything new.

    The version keeps as a tag which one it has replaced, for a rollback. Tried again after any
    part of this, the same is done again, or found done.

    Returns:
        `alias`, `version`, `replaced` (a version, or None), `accuracy`, `rollback`, `record`
        (address of the same as JSON).

    Raises:
        PermanentError: somebody else has moved the alias since the decision.
        mlops.tracking.TrackingError: MLflow does not answer, or the version is gone.
        mlops.storage.StorageError: DATA_ROOT does not answer.
    """
    alias, version = decision["alias"], decision["candidate"]["version"]
    replaced = decision["incumbent"] and decision["incumbent"]["version"]
    holder = _holder(alias)
    now = holder and holder["version"]
    if now not in (replaced, version):
        raise PermanentError(
            f"`{alias}` is at version {now or 'none'} of `{REGISTERED}`, and not at"
            f" {replaced or 'none'} as when this run decided; somebody else has moved it, so start"
            " a new run."
        )
    if now != version:
        if replaced is not None and not decision["rollback"]:
            _remember(version, alias, replaced)
        registry.promote(REGISTERED, version, alias)
    told = {
        "alias": alias,
        "version": version,
        "replaced": replaced,
        "accuracy": checked["accuracy"],
        "rollback": decision["rollback"],
    }
    record = storage.write_json(f"{decision['base']}/promotion.json", told)
    return {**told, "record": record}


def notify(moved: dict[str, Any]) -> dict[str, Any]:
    """Log the promotion, and post it to the webhook, where one is set."""
    _log.info("%s", " ".join(f"{name}={value}" for name, value in moved.items()))
    notifier.post({"state": "success", "model": REGISTERED, **moved})
    return moved


def _holder(alias: str) -> dict[str, Any] | None:
    try:
        return serving.served(alias)
    except NothingToDoError:
        return None


def _named(model: dict[str, Any]) -> dict[str, str]:
    return {name: model[name] for name in ("name", "version")}


def _replaced(incumbent: dict[str, Any] | None, alias: str) -> dict[str, Any]:
    before = incumbent["tags"].get(f"{REPLACES}.{alias}") if incumbent else None
    if before is None:
        raise NothingToDoError(f"`{alias}` has never been moved; there is nothing to go back to.")
    return serving.served(before)


def _accuracy(model: dict[str, Any], rows: Any, address: str) -> float:
    predicted = serving.predict(model, rows, address)
    return float((predicted == rows[data.TARGET].to_numpy()).mean())


def _remember(version: str, alias: str, replaced: str) -> None:
    with tracking.configured() as mlflow:
        mlflow.MlflowClient().set_model_version_tag(
            REGISTERED, version, f"{REPLACES}.{alias}", replaced
        )


def _refused(model: dict[str, Any], problem: str) -> PermanentError:
    return PermanentError(
        f"{serving.label(model).capitalize()} is not promoted: {problem}; nothing was changed."
    )
