"""Files in which a repository declares its pools, connections and variables: YAML, TOML or JSON.

Each of the three keys holds a list of names, or a mapping whose keys are the names, such as
Airflow's own exports have. A key that is not there declares nothing and forbids nothing.
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagproof.model import UnavailableError, UsageError


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one file declares; None for what it does not speak of.

    Attributes:
        path: as it is shown.
        pools: names.
        connections: ids.
        variables: keys.
    """

    path: str
    pools: frozenset[str] | None
    connections: frozenset[str] | None
    variables: frozenset[str] | None


def read(paths: Sequence[Path]) -> tuple[Manifest, ...]:
    """Read the files in which a repository declares what its DAGs may name.

    Raises:
        UsageError: a file is not there, cannot be parsed, or has names in another form.
        UnavailableError: a file is YAML, and PyYAML is not installed.
    """
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Manifest:
    content = _parsed(path)
    if not isinstance(content, dict):
        raise UsageError(
            f"{path} declares nothing: write a mapping with the keys pools, connections, variables."
        )
    return Manifest(
        path.as_posix(),
        pools=_names(path, content, "pools"),
        connections=_names(path, content, "connections"),
        variables=_names(path, content, "variables"),
    )


def _parsed(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}): name files that exist as manifests."
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8: save it as UTF-8.") from None
    try:
        if path.suffix == ".toml":
            return tomllib.loads(text)
        if path.suffix == ".json":
            return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} cannot be parsed ({error}): mend it.") from None
    return _yaml(path, text)


def _yaml(path: Path, text: str) -> object:
    try:
        import yaml
    except ImportError:
        raise UnavailableError(
            f"{path} is YAML, and PyYAML is not installed: `pip install pyyaml`, or write TOML."
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} cannot be parsed ({reason}): mend it.") from None


def _names(path: Path, content: dict[object, object], key: str) -> frozenset[str] | None:
    if key not in content:
        return None
    names = content[key]
    if names is None:
        return frozenset()
    if isinstance(names, list | dict) and all(isinstance(name, str) for name in names):
        return frozenset(names)
    raise UsageError(f"{path}: `{key}` is no list of names: write `{key}: [one, another]`.")
