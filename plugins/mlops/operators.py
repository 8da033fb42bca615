"""Operators around MLflow: check it, run a tracked step, register a model, promote a version."""

from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import BaseOperator

from mlops import connectivity, environment, names, registry, tracking, waiting
from mlops.failures import PermanentError, no_retry


class CheckMlflowOperator(BaseOperator):
    """Fails with one sentence where MLflow cannot be used; returns what `check_mlflow` returns."""

    @no_retry
    def execute(self, context: Any) -> dict[str, Any]:  # noqa: ARG002 - Airflow gives it
        """Ask.

        Raises:
            mlops.mlflow_session.TrackingError: no answer within seconds, or a refusal.
        """
        return connectivity.check_mlflow()


class TrackedStepOperator(BaseOperator):
    """Runs a function as one MLflow run, and logs the numbers that it returns.

    Returns what the function returned, with `mlflow_run_id` (None where MLflow is optional and
    absent). A task that is tried again takes up its run.
    """

    template_fields = ("component", "run_name", "op_kwargs", "run_params", "run_tags")

    def __init__(
        self,
        *,
        step: Callable[..., Mapping[str, Any]],
        component: str,
        run_name: str | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        run_params: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, str] | None = None,
        required: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Say what to run.

        Args:
            step: the function; its mapping goes to XCom, and the finite numbers in it to MLflow.
            component: the experiment.
            run_name: by default the task's id.
            op_kwargs: arguments of the function. Templates in them arrive as text: cast there.
            run_params: parameters of the run.
            run_tags: tags beside those of `tracking.task_tags`.
            required: whether MLflow's absence fails the task; by default as the environment says.
            kwargs: of BaseOperator.

        Raises:
            TypeError: `step` is no function.
        """
        super().__init__(**kwargs)
        if not callable(step):
            raise TypeError(f"`step` of task `{self.task_id}` is no function; give one.")
        self.step = step
        self.component = component
        self.run_name = run_name
        self.op_kwargs = dict(op_kwargs or {})
        self.run_params = dict(run_params or {})
        self.run_tags = dict(run_tags or {})
        self.required = required

    @no_retry
    def execute(self, context: Any) -> dict[str, Any]:  # noqa: ARG002 - Airflow gives it
        """Run the step.

        Raises:
            PermanentError: the step returned no mapping, or no experiment is named.
            mlops.tracking.TrackingError: MLflow does not answer, and is required.
        """
        component, required = names.experiment(self.component), self.required
        if required is None:
            required = environment.load().tracking_required
        with tracking.tracked_run(
            component,
            required=required,
            run_name=self.run_name,
            params=self.run_params,
            tags=self.run_tags,
        ) as run:
            result = self.step(**self.op_kwargs)
            if not isinstance(result, Mapping):
                name = getattr(self.step, "__name__", "step")
                raise PermanentError(
                    f"`{name}()` returned {type(result).__name__}, which is no mapping of names to "
                    "what was measured; return a dict."
                )
            if run is not None:
                with tracking.fail_soft(required=required):
                    import mlflow

                    mlflow.log_metrics(_numbers(result))
        return {**result, "mlflow_run_id": run.info.run_id if run else None}


class RegisterModelOperator(BaseOperator):
    """Makes a logged model a version of a registered one, once; returns `name` and `version`."""

    template_fields = ("model_uri", "model", "version_tags")

    def __init__(
        self,
        *,
        model_uri: str,
        model: str,
        version_tags: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Say which model.

        Args:
            model_uri: `models:/m-…` or `runs:/…/name`.
            model: the registered model, made if need be.
            version_tags: tags beside those of `tracking.task_tags`.
            kwargs: of BaseOperator.
        """
        super().__init__(**kwargs)
        self.model_uri = model_uri
        self.model = model
        self.version_tags = dict(version_tags or {})

    @no_retry
    def execute(self, context: Any) -> dict[str, str]:  # noqa: ARG002 - Airflow gives it
        """Register it.

        Raises:
            PermanentError: `model_uri` names no logged model, or `model` cannot name a model.
            mlops.tracking.TrackingError: MLflow does not answer.
        """
        name = names.model(self.model)
        if not str(self.model_uri).startswith(("models:/m-", "runs:/")):
            raise PermanentError(
                f"`{self.model_uri}` names no logged model; give `models:/m-…` or `runs:/…/name`."
            )
        registered = registry.register(self.model_uri, name, self.version_tags)
        return {"name": name, "version": str(registered.version)}


class PromoteModelOperator(BaseOperator):
    """Moves an alias, such as `production`, to a version; returns `name`, `version`, `alias`.

    The version is given, or is the one that another alias names: `from_alias="staging"`. MLflow's
    stages are never used.
    """

    template_fields = ("model", "alias", "version", "from_alias")

    def __init__(
        self,
        *,
        model: str,
        alias: str,
        version: str | int | None = None,
        from_alias: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Say what to promote.

        Args:
            model: the registered model.
            alias: the alias to move.
            version: where to.
            from_alias: to the version that this alias names, where `version` is not given.
            kwargs: of BaseOperator.

        Raises:
            ValueError: both or none of `version` and `from_alias` are given.
        """
        super().__init__(**kwargs)
        if (version is None) == (from_alias is None):
            raise ValueError(f"Give task `{self.task_id}` either `version` or `from_alias`.")
        self.model = model
        self.alias = alias
        self.version = version
        self.from_alias = from_alias

    @no_retry
    def execute(self, context: Any) -> dict[str, str]:  # noqa: ARG002 - Airflow gives it
        """Move the alias, in one step.

        Raises:
            PermanentError: there is no such version, nothing carries `from_alias`, or something
                has no name that MLflow takes.
            mlops.tracking.TrackingError: MLflow does not answer, or refuses.
        """
        name, alias = names.model(self.model), names.alias(self.alias)
        address = tracking.client().tracking_uri
        awaited: waiting.VersionAwaited | waiting.AliasAwaited
        if self.from_alias is not None:
            awaited = waiting.AliasAwaited(address, name, names.alias(self.from_alias))
        elif version := waiting.version_number(self.version):
            awaited = waiting.VersionAwaited(address, name, version)
        else:
            raise PermanentError(f"Task `{self.task_id}` got no version of `{name}`.")
        found = awaited.look()
        if found is None:
            raise PermanentError(
                f"There is no {awaited}, so `{alias}` stays; register or promote it first."
            )
        registry.promote(name, found["version"], alias)
        self.log.info("`%s` of `%s` is version %s.", alias, name, found["version"])
        return {"name": name, "version": found["version"], "alias": alias}


def _numbers(result: Mapping[str, Any]) -> dict[str, float]:
    """Return what MLflow takes for metrics: finite numbers, and no truth values."""
    return {name: float(value) for name, value in result.items() if names.is_finite(value)}
