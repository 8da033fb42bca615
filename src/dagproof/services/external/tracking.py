"""An MLflow server that exists already: marked by a tag of its default experiment, emptied by REST.

MLflow only hides what is deleted, so an experiment gets another name first: its own becomes free.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from dagproof.model import Environment, Progress, UnavailableError
from dagproof.services import addresses
from dagproof.services.external import holder as holders
from dagproof.services.external.holder import Holder
from dagproof.services.external.urls import VARIABLES, MlflowUrl
from dagproof.services.mlflow_api import PASSWORD, USER, Api, ApiError, api, ask, pages

MARK: Final = "dagproof"
"""Tag of the default experiment; its value says what happens here, and who uses the server."""

_PURPOSE: Final = "dagproof empties this server before every test"
_DEFAULT: Final = "0"
_DEFAULT_NAME: Final = "Default"
_DELETED: Final = "dagproof-deleted-"
_VARIABLE: Final = VARIABLES["mlflow"]
_PROMPTS: Final = "tags.`mlflow.prompt.is_prompt` = 'true'"
_HERE: Final = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": _DEFAULT}}
_A_DAY: Final = 86_400_000
_PAGE: Final = 500
_FIRST_ANSWER_SECONDS: Final = 8.0
_ANSWER_SECONDS: Final = 60.0


class TrackingServer:
    """A tracking server and model registry.

    Args:
        url: of the server.
        environ: of the process.
        holder: who uses it.
    """

    def __init__(self, url: MlflowUrl, environ: Mapping[str, str], holder: Holder) -> None:
        self._url = url
        self._holder = holder
        self._api = replace(api(self.environment(), environ), timeout=_ANSWER_SECONDS)
        self._held = False

    def environment(self) -> Environment:
        """Return what tasks need to reach it."""
        credentials = {USER: self._url.user, PASSWORD: self._url.password} if self._url.user else {}
        return {**addresses.tracking(self._url.uri), **credentials}

    def inspect(self) -> None:
        """Make sure that it answers, and is empty or marked as ours.

        Raises:
            UnavailableError: it does not answer, is in use, or holds what is not ours.
        """
        impatient = replace(self._api, timeout=_FIRST_ANSWER_SECONDS)
        with _told(self._where):
            if _mark(_default(impatient)):
                holders.wait_for_predecessor(self._who, self._where, _VARIABLE)
            elif found := next(_contents(self._api), ""):
                raise UnavailableError(
                    f"{self._where} is neither empty nor marked as dagproof's: it holds {found}. "
                    f"Name a new one in `{_VARIABLE}`; it will be emptied before every test."
                )

    def prepare(self, _progress: Progress) -> None:
        """Mark it as ours, and empty it.

        Raises:
            UnavailableError: it does not answer.
        """
        with _told(self._where):
            self._held = True
            self._write(self._holder.written())
            _empty(self._api, _default(self._api), all_names=True)

    def reset(self, _progress: Progress) -> None:
        """Empty it.

        Raises:
            UnavailableError: it does not answer, or another process uses it.
        """
        with _told(self._where):
            default = _default(self._api)
            self._holder.must_be(_holder(default), self._where, _VARIABLE)
            _empty(self._api, default, all_names=False)

    def release(self) -> None:
        """Let others use it."""
        if not self._held:
            return
        self._held = False
        with _told(self._where):
            if self._holder.is_same(self._who()):
                self._write(None)

    @property
    def _where(self) -> str:
        return f"The MLflow at `{self._url.uri}`"

    def _who(self) -> Holder | None:
        return _holder(_default(self._api))

    def _write(self, who: object) -> None:
        value = json.dumps({"purpose": _PURPOSE, "holder": who})
        _bring_back(self._api, _default(self._api))
        body = {"experiment_id": _DEFAULT, "key": MARK, "value": value}
        ask(self._api, "experiments/set-experiment-tag", body)


class _told:  # noqa: N801  reads as a phrase where it is used
    """Tells what goes wrong with a server in one sentence."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise UnavailableError(_sentence(self._where, error)) from error


def _sentence(where: str, error: OSError) -> str:
    said = " ".join(str(getattr(error, "reason", None) or error).split())[:200].rstrip(".")
    advice = f"Check `{_VARIABLE}`."
    if isinstance(error, ApiError):
        if error.status in {401, 403} and "host" not in said.lower():
            advice = f"Check the user and the password in `{_VARIABLE}`, and what they may do."
        elif error.status == 403:  # noqa: PLR2004  Forbidden
            advice = "Start it with this host among `--allowed-hosts`."
        elif not error.code:
            advice = f"Name an MLflow server in `{_VARIABLE}`."
        said = f"{error.status or 'no HTTP'}: {said}"
    return f"{where} does not answer as it should ({said}). {advice}"


def _default(server: Api) -> dict[str, Any]:
    found: dict[str, Any] = ask(server, f"experiments/get?experiment_id={_DEFAULT}")
    if "experiment" not in found:
        raise ApiError(200, "", "it answers something that is not MLflow's")
    experiment: dict[str, Any] = found["experiment"]
    return experiment


def _mark(default: Mapping[str, Any]) -> dict[str, Any]:
    mark = holders.read_text(_tags(default).get(MARK, ""))
    return mark if mark.get("purpose") == _PURPOSE else {}


def _holder(default: Mapping[str, Any]) -> Holder | None:
    return holders.read(_mark(default).get("holder"))


def _tags(entity: Mapping[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in entity.get("tags", [])}


def _experiments(server: Api) -> Iterator[dict[str, Any]]:
    """Yield all but the default one, also deleted ones, the last that was changed first."""
    order = ["last_update_time DESC"]
    body = {"view_type": "ALL", "max_results": _PAGE, "order_by": order}
    for experiment in pages(server, "experiments/search", "experiments", body):
        if experiment["experiment_id"] != _DEFAULT:
            yield experiment


def _runs(server: Api, view: str) -> Iterator[str]:
    body = {"experiment_ids": [_DEFAULT], "run_view_type": view, "max_results": _PAGE}
    for run in pages(server, "runs/search", "runs", body):
        yield run["info"]["run_id"]


def _models(server: Api, **filters: str) -> Iterator[str]:
    body = {"max_results": str(_PAGE), **filters}
    path = "registered-models/search"
    for model in pages(server, path, "registered_models", body, "GET"):
        yield model["name"]


def _traces(server: Api) -> Iterator[str]:
    body = {"locations": [_HERE], "max_results": _PAGE}
    for trace in pages(server, "/api/3.0/mlflow/traces/search", "traces", body):
        yield trace["trace_id"]


def _logged_models(server: Api) -> Iterator[str]:
    body = {"experiment_ids": [_DEFAULT], "max_results": 50}
    for model in pages(server, "logged-models/search", "models", body):
        yield model["info"]["model_id"]


def _datasets(server: Api) -> Iterator[str]:
    body = {"max_results": _PAGE}
    for dataset in pages(server, "/api/3.0/mlflow/datasets/search", "datasets", body):
        yield dataset["dataset_id"]


def _webhooks(server: Api) -> Iterator[str]:
    for webhook in pages(server, "webhooks", "webhooks", {"max_results": 100}, "GET"):
        yield webhook["webhook_id"]


def _where_known(listing: Callable[[Api], Iterator[str]], server: Api) -> Iterator[str]:
    """Yield what a server lists; nothing where it is too old to know that kind of thing."""
    try:
        yield from listing(server)
    except ApiError as error:
        if error.status not in {404, 405, 501} or error.code not in {"", "ENDPOINT_NOT_FOUND"}:
            raise


def _contents(server: Api) -> Iterator[str]:
    """Yield what makes a server not empty, for a sentence; what is deleted can be restored."""
    for experiment in _experiments(server):
        deleted = experiment.get("lifecycle_stage") == "deleted"
        yield f"{'the deleted ' if deleted else ''}experiment `{experiment['name']}`"
    for run in _runs(server, "ALL"):
        yield f"run `{run}` of the experiment `{_DEFAULT_NAME}`"
    for name in _models(server):
        yield f"registered model `{name}`"
    for name in _where_known(lambda asked: _models(asked, filter=_PROMPTS), server):
        yield f"prompt `{name}`"
    for kind, listing in (
        ("trace", _traces),
        ("logged model", _logged_models),
        ("dataset", _datasets),
        ("webhook", _webhooks),
    ):
        for name in _where_known(listing, server):
            yield f"{kind} `{name}`"


def _bring_back(server: Api, experiment: Mapping[str, Any]) -> None:
    if experiment["lifecycle_stage"] == "deleted":
        ask(server, "experiments/restore", {"experiment_id": experiment["experiment_id"]})


def _empty(server: Api, default: Mapping[str, Any], *, all_names: bool) -> None:
    """Make a server look as when it was new.

    Args:
        server: ours.
        default: its default experiment.
        all_names: also look at experiments that were there before it was last emptied.
    """
    for experiment in list(_visible(server, all_names=all_names)):
        _hide(server, experiment)
    _empty_default(server, default)
    for name in [*_models(server), *_where_known(lambda it: _models(it, filter=_PROMPTS), server)]:
        ask(server, "registered-models/delete", {"name": name}, "DELETE")
    for dataset in list(_where_known(_datasets, server)):
        ask(server, f"/api/3.0/mlflow/datasets/{dataset}", method="DELETE")
    for webhook in list(_where_known(_webhooks, server)):
        ask(server, f"webhooks/{webhook}", method="DELETE")


def _visible(server: Api, *, all_names: bool) -> Iterator[dict[str, Any]]:
    """Yield what was not hidden by us; what we hid last is older than all that came later."""
    for experiment in _experiments(server):
        if not experiment["name"].startswith(_DELETED) or experiment["lifecycle_stage"] == "active":
            yield experiment
        elif not all_names:
            return


def _hide(server: Api, experiment: Mapping[str, Any]) -> None:
    """Delete an experiment, and free its name."""
    _bring_back(server, experiment)
    where = {"experiment_id": experiment["experiment_id"]}
    ask(server, "experiments/update", {**where, "new_name": f"{_DELETED}{uuid.uuid4().hex}"})
    ask(server, "experiments/delete", where)


def _empty_default(server: Api, default: Mapping[str, Any]) -> None:
    _bring_back(server, default)
    where = {"experiment_id": _DEFAULT}
    if default["name"] != _DEFAULT_NAME:
        ask(server, "experiments/update", {**where, "new_name": _DEFAULT_NAME})
    for run in list(_runs(server, "ACTIVE_ONLY")):
        ask(server, "runs/delete", {"run_id": run})
    if next(_where_known(_traces, server), None) is not None:
        until = int(time.time() * 1000) + _A_DAY
        ask(server, "traces/delete-traces", {**where, "max_timestamp_millis": until})
    for model in list(_where_known(_logged_models, server)):
        ask(server, f"logged-models/{model}", method="DELETE")
    for key in _tags(default).keys() - {MARK}:
        ask(server, "experiments/delete-experiment-tag", {**where, "key": key})
