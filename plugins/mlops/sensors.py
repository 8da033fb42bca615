"""Sensors that wait for a model version, an alias or fresh data; deferred, or poking.

A server that does not answer is waited for like an answer that is still no. When the time is over,
the task fails with one sentence and without a retry, or is skipped with `soft_fail`.
"""

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from airflow.sdk import BaseSensorOperator

from mlops import mlflow_session, names, storage, waiting
from mlops.failures import PermanentError, no_retry
from mlops.mlflow_session import TrackingError
from mlops.storage import StorageError
from mlops.triggers import (
    FreshDataTrigger,
    ModelAliasTrigger,
    ModelVersionTrigger,
    WaitingTrigger,
)

try:
    from airflow.sdk import PokeReturnValue
    from airflow.sdk.exceptions import AirflowSensorTimeout
except ImportError:  # Airflow 3.0, 3.1
    from airflow.exceptions import AirflowSensorTimeout
    from airflow.sdk.bases.sensor import PokeReturnValue

_BESIDE = 60.0  # seconds that Airflow gives the trigger beyond its own deadline


class WaitingSensor(BaseSensorOperator):
    """What the sensors have in common; returns what was found.

    Attributes:
        deferrable: whether the task leaves its worker while it waits.
    """

    trigger_class: ClassVar[type[WaitingTrigger]]

    def __init__(self, *, deferrable: bool = True, **kwargs: Any) -> None:
        """Take what every sensor takes.

        Args:
            deferrable: whether to wait in the triggerer, or in the worker by `mode`.
            kwargs: of BaseSensorOperator: `poke_interval`, `timeout`, `soft_fail`, `mode`, ….
        """
        super().__init__(**kwargs)
        self.deferrable = deferrable
        self._problem: str | None = None

    def awaited(self) -> waiting.Awaited:
        """Return what the rendered fields wait for.

        Raises:
            mlops.failures.PermanentError: they make no sense.
            mlops.mlflow_session.TrackingError: nobody says where MLflow is.
        """
        raise NotImplementedError

    def poke(self, context: Any) -> Any:  # noqa: ARG002 - Airflow gives it
        """Ask once; a server that does not answer is a no."""
        found = self._look(self.awaited())
        return PokeReturnValue(is_done=found is not None, xcom_value=found)

    @no_retry
    def execute(self, context: Any) -> Any:
        """Wait, and return what was found.

        Raises:
            AirflowSensorTimeout: the time is over.
        """
        awaited = self.awaited()
        if not self.deferrable:
            try:
                return super().execute(context)
            except AirflowSensorTimeout as error:
                raise self._over(awaited) from error
        found = self._look(awaited)
        if found is not None:
            return found
        self.defer(
            trigger=self.trigger_class(
                poke_interval=self.poke_interval,
                deadline=time.time() + self.timeout,
                **asdict(awaited),
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=self.timeout + _BESIDE),
        )
        return None

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:  # noqa: ARG002
        """Return what the trigger found.

        Raises:
            AirflowSensorTimeout: it found nothing in time.
        """
        if event["found"] is not None:
            return event["found"]
        self._problem = event["problem"]
        raise self._over(self.awaited())

    def _look(self, awaited: waiting.Awaited) -> dict[str, Any] | None:
        self._problem = None
        try:
            return awaited.look()
        except (TrackingError, StorageError) as error:
            self._problem = str(error)
            self.log.warning("Nobody can say yet: %s", error)
            return None

    def _over(self, awaited: waiting.Awaited) -> Exception:
        """Return the exception for the end of the time."""
        why = self._problem or "Look at what should make it, or raise `timeout`."
        said = f"No {awaited} within {self.timeout:g} s. {why}"
        return cast("Exception", AirflowSensorTimeout(said))


class ModelVersionSensor(WaitingSensor):
    """Waits until a registered model has a version that is READY; returns `name` and `version`."""

    template_fields = ("model", "version")
    trigger_class = ModelVersionTrigger

    def __init__(self, *, model: str, version: str | int | None = None, **kwargs: Any) -> None:
        """Say which version.

        Args:
            model: the registered model.
            version: its number; any, where it is not given.
            kwargs: of WaitingSensor.
        """
        super().__init__(**kwargs)
        self.model = model
        self.version = version

    def awaited(self) -> waiting.VersionAwaited:
        """Return what the rendered fields wait for."""
        name, version = names.model(self.model), waiting.version_number(self.version)
        return waiting.VersionAwaited(mlflow_session.known_address(), name, version)


class ModelAliasSensor(WaitingSensor):
    """Waits until an alias names a version, or one in particular; returns `name` and `version`."""

    template_fields = ("model", "alias", "version")
    trigger_class = ModelAliasTrigger

    def __init__(
        self, *, model: str, alias: str, version: str | int | None = None, **kwargs: Any
    ) -> None:
        """Say which alias.

        Args:
            model: the registered model.
            alias: such as `champion`, `staging` or `production`.
            version: the version that it must name; any, where it is not given.
            kwargs: of WaitingSensor.
        """
        super().__init__(**kwargs)
        self.model = model
        self.alias = alias
        self.version = version

    def awaited(self) -> waiting.AliasAwaited:
        """Return what the rendered fields wait for."""
        name, alias = names.model(self.model), names.alias(self.alias)
        version = waiting.version_number(self.version)
        return waiting.AliasAwaited(mlflow_session.known_address(), name, alias, version)


class FreshDataSensor(WaitingSensor):
    """Waits for a file, or for one written after a moment; returns `uri` and `modified`."""

    template_fields = ("path", "newer_than")
    trigger_class = FreshDataTrigger

    def __init__(
        self, *, path: str, newer_than: str | datetime | None = None, **kwargs: Any
    ) -> None:
        """Say which file.

        Args:
            path: below DATA_ROOT, or a whole address.
            newer_than: the moment, a datetime or ISO 8601; it need only exist, where none is given.
            kwargs: of WaitingSensor.
        """
        super().__init__(**kwargs)
        self.path = path
        self.newer_than = newer_than

    def awaited(self) -> waiting.DataAwaited:
        """Return what the rendered fields wait for."""
        path = str(self.path or "")
        if path.strip() in ("", "None") or path.startswith("/") or ".." in path.split("/"):
            raise PermanentError(
                f"`{path}` is no file below DATA_ROOT; give `path` as in `a/b.csv`."
            )
        uri = path if "://" in path else storage.uri(path)
        return waiting.DataAwaited(uri, waiting.seconds(self.newer_than))
