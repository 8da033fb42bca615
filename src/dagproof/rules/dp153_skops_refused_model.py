"""DP153: a model is logged in skops, MLflow's default format, which refuses its type."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading
from dagproof.rules.surroundings import pins_old_mlflow
from dagproof.rules.tracking import tracked

_REFUSED: Final = re.compile(
    r"sklearn\..*\.((RandomForest|ExtraTrees|GradientBoosting|HistGradientBoosting|AdaBoost"
    r"|Bagging|DecisionTree|ExtraTree|KNeighbors|MLP)(Classifier|Regressor)|IsolationForest"
    r"|GridSearchCV|RandomizedSearchCV)\(\)"
)
"""Types that `mlflow.sklearn.log_model` of MLflow 3.17 was seen to refuse."""

_ALLOWED: Final = ("serialization_format", "skops_trusted_types", None)


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the models that are logged in a format that refuses them."""
    if b"import" not in reading.source.data:
        return
    seen: set[int] = set()
    for _, body in tracked(reading):
        for source, called in body.calls:
            if called.name not in ("mlflow.sklearn.log_model", "mlflow.sklearn.save_model"):
                continue
            first = called.positional[0] if called.positional else called.named.get("sk_model")
            found = _REFUSED.fullmatch(first) if isinstance(first, str) else None
            if found is None or any(one.arg in _ALLOWED for one in called.node.keywords):
                continue
            if id(called.node) in seen or pins_old_mlflow(reading.source.path):
                continue
            seen.add(id(called.node))
            yield Hit(
                source.span(called.node),
                f"`{called.name}()` writes skops by default, which refuses a `{found.group(1)}`",
            )


RULE: Final = Rule(
    code="DP153",
    slug="skops-refused-model",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "Current MLflow 3 serializes scikit-learn models with skops and raises on types that "
        "skops does not trust, among them ensembles of trees: the model is trained, and lost."
    ),
    fix=(
        'Pass `serialization_format="cloudpickle"`, or list the types that you trust in '
        "`skops_trusted_types`."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task
def train(x, y):
    import mlflow
    from sklearn.ensemble import RandomForestRegressor

    model = RandomForestRegressor().fit(x, y)
    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="model")


with DAG("train"):
    train([[1]], [1])
""",
    good="""\
from airflow.sdk import DAG, task


@task
def train(x, y):
    import mlflow
    from sklearn.ensemble import RandomForestRegressor

    model = RandomForestRegressor().fit(x, y)
    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")


with DAG("train"):
    train([[1]], [1])
""",
    check=check,
)
