"""Reads `environments/<ENV>.yaml` and resolves where data and MLflow are."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

from mlops import task_context

VARIABLE = "MLFLOW_TRACKING_URI"


class EnvironmentFileError(Exception):
    """The environment cannot be resolved; one sentence that names file and key."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One file of `environments/`.

    Attributes:
        name: the value of ENV.
        domains: host names (or whole addresses) by service.
        data_root: `file://…` or `s3://…`, without a slash at its end.
        team: who answers for the pipelines.
        tracking: whether a task fails or goes on without MLflow.
        pools: names of the Airflow pools that exist there.
        connections: ids of the Airflow connections that exist there.
        variables: keys of the Airflow variables that exist there.
    """

    name: str
    domains: Mapping[str, str]
    data_root: str
    team: str
    tracking: Literal["required", "optional"]
    pools: tuple[str, ...]
    connections: tuple[str, ...]
    variables: tuple[str, ...]

    @property
    def tracking_required(self) -> bool:
        """Whether a pipeline must fail without MLflow."""
        return self.tracking == "required"


def load(name: str | None = None) -> Environment:
    """Read one environment.

    Args:
        name: which one; by default the environment variable ENV, else `dev`.

    Raises:
        EnvironmentFileError: there is no such file, it is no YAML, or a key is missing or wrong.
    """
    chosen = name or os.environ.get("ENV") or "dev"
    path = _file(chosen)
    content = _parse(path)
    tracking = _text(content, "tracking", path)
    if tracking not in ("required", "optional"):
        raise EnvironmentFileError(
            f"`tracking` in {path} is `{tracking}`; write `required` or `optional`."
        )
    return Environment(
        name=chosen,
        domains=_domains(content, path),
        data_root=_address(_text(content, "data_root", path), path.parent.parent),
        team=_text(content, "team", path),
        tracking=cast("Literal['required', 'optional']", tracking),
        pools=_names(content, "pools", path),
        connections=_names(content, "connections", path),
        variables=_names(content, "variables", path),
    )


def data_root() -> str:
    """Return the address under which all data lie: DATA_ROOT, else that of the environment.

    Raises:
        EnvironmentFileError: neither is to be had.
    """
    if root := os.environ.get("DATA_ROOT"):
        return _address(root, Path.cwd())
    return load().data_root


def mlflow_tracking_uri() -> str:
    """Return MLflow's address.

    The environment variable MLFLOW_TRACKING_URI wins; then, inside a task, the Airflow Variable
    of that name; then `domains.mlflow` of the environment, by https.

    Raises:
        EnvironmentFileError: none of the three is to be had.
    """
    if address := os.environ.get(VARIABLE):
        return address
    if task_context.current() is not None:
        # Only here: outside a task the SDK's Variable fails on 3.0 and answers nothing on 3.3.
        from airflow.sdk import Variable

        if address := Variable.get(VARIABLE, default=None):
            return str(address)
    environment = load()
    domain = environment.domains.get("mlflow")
    if not domain:
        raise EnvironmentFileError(
            f"`domains.mlflow` is missing in environments/{environment.name}.yaml;"
            f" add it, or set {VARIABLE}."
        )
    return domain if "://" in domain else f"https://{domain}"


def _file(name: str) -> Path:
    folder = _folder()
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if not re.fullmatch(r"[\w-]+", name) or name not in known:
        listed = ", ".join(known) or "(the folder is empty)"
        raise EnvironmentFileError(
            f"No environment `{name}` in {folder}; set ENV to one of: {listed}."
        )
    return folder / f"{name}.yaml"


def _folder() -> Path:
    if given := os.environ.get("ENVIRONMENTS_DIR"):
        folder = Path(given)
        if not folder.is_dir():
            raise EnvironmentFileError(f"ENVIRONMENTS_DIR names {folder}, which is no folder.")
        return folder.resolve()
    here = Path(__file__).resolve()
    for parent in here.parents:
        if (folder := parent / "environments").is_dir():
            return folder
    raise EnvironmentFileError(
        f"No folder `environments` above {here.parent}; create it, or set ENVIRONMENTS_DIR."
    )


def _parse(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise EnvironmentFileError(f"{path} cannot be read as YAML: {reason}.") from error
    if not isinstance(content, Mapping):
        raise EnvironmentFileError(f"{path} is no mapping of keys to values; see dev.yaml.")
    return content


def _text(content: Mapping[str, Any], key: str, path: Path) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value.strip():
        problem = "missing" if value is None else f"{value!r}, which is no text"
        raise EnvironmentFileError(f"`{key}` in {path} is {problem}; give it a value.")
    return value.strip()


def _domains(content: Mapping[str, Any], path: Path) -> Mapping[str, str]:
    domains = content.get("domains")
    if not isinstance(domains, Mapping) or not all(
        isinstance(part, str) for item in domains.items() for part in item
    ):
        raise EnvironmentFileError(f"`domains` in {path} is no mapping of names to host names.")
    return dict(domains)


def _names(content: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    names = content.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise EnvironmentFileError(f"`{key}` in {path} is no list of names.")
    return tuple(names)


def _address(root: str, base: Path) -> str:
    """Make `root` a URI without a slash at its end; a plain path counts from `base`."""
    if "://" not in root:
        return f"file://{quote((base / root).resolve().as_posix()).rstrip('/')}"
    return root.rstrip("/")
