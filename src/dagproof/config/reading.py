"""`[tool.dagproof]` of pyproject.toml to Settings."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dagproof.config import values
from dagproof.config.complaints import Complaints
from dagproof.config.settings import DEFAULT_TIMEOUT, Settings
from dagproof.config.values import RULE_NAMES
from dagproof.model import UsageError


def load_settings(start: Path) -> Settings:
    """Read the nearest pyproject.toml at or above `start`.

    Raises:
        UsageError: the file is no TOML, or a key is unknown or of the wrong type.
    """
    candidates = (folder / "pyproject.toml" for folder in (start, *start.parents))
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        return _settings(start, {}, Complaints(start / "pyproject.toml"), declared=False)
    tools = _document(file).get("tool", {})
    if not isinstance(tools, dict):
        raise UsageError(f"{file}: `tool` must be a table, not {tools!r}.")
    table = tools.get("dagproof")
    complaints = Complaints(file)
    if table is not None and not isinstance(table, dict):
        raise complaints.wrong("", "a table", table)
    return _settings(file.parent, table or {}, complaints, declared=table is not None)


def _document(file: Path) -> Mapping[str, Any]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    if b"dagproof" not in data:
        return {}  # it says nothing of us, and a long one takes longer to parse than a DAG file
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no valid TOML: {error}.") from error


def _settings(
    root: Path, table: Mapping[str, Any], complaints: Complaints, *, declared: bool
) -> Settings:
    def words(key: str, wanted: str = RULE_NAMES) -> Callable[[], tuple[str, ...]]:
        return lambda: values.words(key, table.get(key, []), complaints, wanted)

    readers: dict[str, Callable[[], Any]] = {
        "dags": lambda: values.folders(root, table.get("dags", ["dags"]), complaints),
        "plugins": lambda: values.plugins(root, table.get("plugins"), complaints),
        "env": lambda: values.env(table.get("env", {}), complaints),
        "services": lambda: values.services(table.get("services"), complaints),
        "backend": lambda: values.backend(table.get("backend", "embedded"), complaints),
        "containers": lambda: values.containers(table.get("containers", {}), complaints),
        "pythonpath": lambda: values.pythonpath(root, table.get("pythonpath", []), complaints),
        "runs": lambda: values.runs(table.get("runs", []), complaints),
        "timeout": lambda: values.number(
            "timeout", table.get("timeout", DEFAULT_TIMEOUT), complaints
        ),
        "select": words("select"),
        "extend-select": words("extend-select"),
        "ignore": words("ignore"),
        "per-file-ignores": lambda: values.per_file(table.get("per-file-ignores", {}), complaints),
        "severity": lambda: values.severity(table.get("severity", {}), complaints),
        "exclude": words("exclude", "a list of globs"),
        "baseline": lambda: values.baseline(root, table.get("baseline"), complaints),
        "manifests": lambda: values.manifests(table.get("manifests", []), complaints),
        "allow": words("allow", "a list of strings such as `network:rates.test`"),
        "budgets": lambda: values.budgets(table.get("budgets", {}), complaints),
        "pure": words("pure", "a list of patterns of tasks, such as `my_dag.*`"),
        "xcoms": lambda: values.xcoms(table.get("xcoms", {}), complaints),
        "repeatable-except": lambda: values.excepted(
            table.get("repeatable-except", []), complaints
        ),
    }
    for key in table:
        if key not in readers:
            raise complaints.unknown(key, ", ".join(readers))
    read = {key.replace("-", "_"): reader() for key, reader in readers.items()}
    return Settings(root=root, declared=declared, **read)
