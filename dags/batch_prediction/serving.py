"""Gets at a registered iris model: which version an alias means, and what that version predicts."""

from typing import TYPE_CHECKING, Any, Final

from iris.data import FEATURES, LARGEST
from iris.model import REGISTERED
from mlops import registry, tracking
from mlops.failures import NothingToDoError, PermanentError
from mlops.mlflow_session import is_lost

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# MLflow keeps `latest` and `v1`, `v2`, … for itself, in either case.
_ALIAS: Final = r"(?![Ll][Aa][Tt][Ee][Ss][Tt]$|[Vv][0-9]+$)[A-Za-z][A-Za-z0-9_-]{0,62}"
REFERENCE_PATTERN: Final = rf"^({_ALIAS}|[1-9][0-9]{{0,8}})$(?!\n)"
ALIAS_PATTERN: Final = rf"^{_ALIAS}$(?!\n)"


def served(reference: str) -> dict[str, Any]:
    """Say which version of `iris-classifier` an alias, or a number, means at this moment.

    A run asks once, and names the version from then on: an alias that moves meanwhile changes
    nothing for it.

    Args:
        reference: an alias such as `champion`, or the number of a version.

    Returns:
        `name`, `version` (text), `run_id` (of MLflow, that trained it), `tags`.

    Raises:
        NothingToDoError: no version carries the alias yet.
        PermanentError: there is no version of that number.
        mlops.tracking.TrackingError: MLflow does not answer.
    """
    found = (
        _numbered(reference) if reference.isdigit() else registry.champion(REGISTERED, reference)
    )
    if found is None:
        raise NothingToDoError(
            f"No version of `{REGISTERED}` carries the alias `{reference}` yet; run"
            " `ml_training_pipeline`, or set the alias."
        )
    return {
        "name": REGISTERED,
        "version": str(found.version),
        "run_id": found.run_id,
        "tags": {str(name): str(value) for name, value in found.tags.items()},
    }


def predict(model: dict[str, Any], table: "pd.DataFrame", address: str) -> "np.ndarray[Any, Any]":
    """Return the class that a version predicts for each row.

    Args:
        model: as `served` returns it.
        table: any rows with the columns that the version knows; others are left out.
        address: of the table, for messages.

    Raises:
        PermanentError: the version or its files are gone, or the table does not fit it.
        mlops.tracking.TrackingError: MLflow, or its store of artifacts, does not answer.
    """
    import numpy as np

    with tracking.configured() as mlflow:
        loaded = _loaded(mlflow, model)
        signature = loaded.metadata.signature
        names = signature.inputs.input_names() if signature else list(FEATURES)
        return np.asarray(loaded.predict(_fitting(model, table, address, names)))


def label(model: dict[str, Any]) -> str:
    """Return what messages call a version."""
    return f"version {model['version']} of `{model['name']}`"


def _numbered(number: str) -> Any:
    with tracking.configured() as mlflow:
        try:
            return mlflow.MlflowClient().get_model_version(REGISTERED, number)
        except mlflow.MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise PermanentError(
                    f"`{REGISTERED}` has no version {number}; name one that exists, or an alias."
                ) from error
            raise


def _loaded(mlflow: Any, model: dict[str, Any]) -> Any:
    address = f"models:/{model['name']}/{model['version']}"
    try:
        return mlflow.pyfunc.load_model(address)
    except (mlflow.MlflowException, FileNotFoundError) as error:
        if is_lost(error):
            raise
        raise PermanentError(
            f"{label(model).capitalize()} cannot be loaded ({_reason(error)}); move the alias to"
            " another version, or train again."
        ) from error
    except Exception as error:  # each store of artifacts has exceptions of its own
        raise tracking.TrackingError(
            f"The files of {label(model)} cannot be read ({_reason(error)}); check that MLflow and"
            " its artifact store run."
        ) from error


def _fitting(
    model: dict[str, Any], table: "pd.DataFrame", address: str, names: list[str]
) -> "pd.DataFrame":
    """Return the columns that the version knows, as it knows them."""
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise _misfit(model, address, f"lacks {_listed(missing)}")
    wrong = [name for name in names if table[name].dtype.kind not in "iuf"]
    if wrong:
        raise _misfit(model, address, f"holds no numbers in {_listed(wrong)}")
    numbers = table[names].astype("float64")
    holes = [name for name in names if not (numbers[name].abs() <= LARGEST).all()]
    if holes:
        raise _misfit(model, address, f"has missing or infinite values in {_listed(holes)}")
    return numbers


def _misfit(model: dict[str, Any], address: str, problem: str) -> PermanentError:
    return PermanentError(
        f"{address} {problem}, which {label(model)} needs; repair the table, or train on its"
        " new columns."
    )


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
