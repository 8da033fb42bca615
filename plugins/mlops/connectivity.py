"""Says whether MLflow can be used from here, before a pipeline begins to need it."""

from typing import Any

from mlops import mlflow_session


def check_mlflow() -> dict[str, Any]:
    """Ask tracking server and model registry one small question each.

    It asks the API: `/health` answers also where MLflow refuses the host name of the question.

    Returns:
        `address`, without a password, and how many `experiments` and `models` there are at least
        (0 or 1 of each).

    Raises:
        mlops.mlflow_session.TrackingError: no answer within seconds, or a refusal.
    """
    address = mlflow_session.known_address()
    experiments, models = mlflow_session.ask(
        address,
        lambda client: (
            client.search_experiments(max_results=1),
            client.search_registered_models(max_results=1),
        ),
    )
    return {
        "address": mlflow_session.public(address),
        "experiments": len(experiments),
        "models": len(models),
    }
