"""`[tool.dagproof]` of pyproject.toml to Settings; every complaint names file and key."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, Final

from dagproof.model import Containers, Severity, UsageError

SERVICES: Final = ("postgres", "mlflow", "s3")
BACKENDS: Final = ("embedded", "containers", "external")
DEFAULT_TIMEOUT: Final = 1800.0
SEVERITIES: Final = tuple(severity.value for severity in Severity)
RULE_NAMES: Final = "a list of codes or slugs, such as `DP101`"
LARGEST_PORT: Final = 65535
LONGEST_TIMEOUT: Final = 1e9  # 31 years; a little more than that overflows the clocks
MOST_MEGABYTES: Final = 1e9  # a petabyte; a few thousand more overflow the limits of a process
_UNITS: Final = {
    "memory": ("megabytes", MOST_MEGABYTES),
    "size": ("kilobytes", MOST_MEGABYTES),
    "": ("seconds", LONGEST_TIMEOUT),
}


@dataclass(frozen=True, slots=True)
class ConfiguredRun:
    """One entry of `[[tool.dagproof.runs]]`: a DAG id and the conf to run it with."""

    dag: str
    conf: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budgets:
    """What the import of one DAG file, and one XCom value, may take.

    Attributes:
        import_seconds: of processor time.
        import_timeout: seconds on the clock, after which it is ended.
        import_memory: megabytes beside those that Airflow takes.
        import_growth: seconds of processor time that a change may add.
        xcom_size: kilobytes of one XCom value, as it is stored.
    """

    import_seconds: float = 1.0
    import_timeout: float = 30.0
    import_memory: float = 2048.0
    import_growth: float = 0.2
    xcom_size: float = 1024.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a repository says about itself.

    Attributes:
        root: the folder of pyproject.toml, else the working directory.
        dags: absolute dags folders; the first is Airflow's `dags_folder`.
        plugins: absolute plugins folder, or None where the repository has none.
        env: environment variables for every run.
        services: which of `SERVICES` a run needs; None for those whose packages are installed.
        backend: which of `BACKENDS` stands behind them.
        containers: what those in containers are started from.
        pythonpath: absolute folders that the DAGs import from, beside the dags folder.
        runs: what `dagproof run` runs when no DAG is named.
        timeout: seconds after which the watchdog ends a run.
        select: words that name the rules to look for; none for those that are on.
        extend_select: words that name rules to look for beside those.
        ignore: words that name the rules not to look for.
        per_file_ignores: words that name rules by glob, for the findings that a file may have.
        severity: `error`, `warning` or `note` by word that names a rule.
        exclude: globs of what is not read, relative to `root`.
        baseline: absolute file of known findings; it need not be there.
        manifests: globs of the files that declare pools, connections and variables, relative to
            `root`.
        allow: what an audited import may really do, such as `network:rates.test`.
        budgets: what an audited import, and an XCom value, may take.
        pure: patterns of `dag_id.task_id` whose callables `dagproof contracts` may call.
        xcoms: example values of tasks, by `dag_id.task_id`.
        declared: whether the file has a `[tool.dagproof]` table at all.
    """

    root: Path
    dags: tuple[Path, ...]
    plugins: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] | None = None
    backend: str = "embedded"
    containers: Containers = field(default_factory=Containers)
    pythonpath: tuple[Path, ...] = ()
    runs: tuple[ConfiguredRun, ...] = ()
    timeout: float = DEFAULT_TIMEOUT
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    manifests: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    budgets: Budgets = Budgets()
    pure: tuple[str, ...] = ()
    xcoms: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    declared: bool = False


def load_settings(start: Path) -> Settings:
    """Read the nearest pyproject.toml at or above `start`.

    Raises:
        UsageError: the file is no TOML, or a key is unknown or of the wrong type.
    """
    candidates = (folder / "pyproject.toml" for folder in (start, *start.parents))
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        return _settings(start, {}, _Complaints(start / "pyproject.toml"), declared=False)
    tools = _document(file).get("tool", {})
    if not isinstance(tools, dict):
        raise UsageError(f"{file}: `tool` must be a table, not {tools!r}.")
    table = tools.get("dagproof")
    complaints = _Complaints(file)
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
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no valid TOML: {error}.") from error


@dataclass(frozen=True, slots=True)
class _Complaints:
    file: Path

    def wrong(self, key: str, wanted: str, value: object) -> UsageError:
        name = f"tool.dagproof.{key}" if key else "tool.dagproof"
        return UsageError(f"{self.file}: `{name}` must be {wanted}, not {value!r}.")

    def unknown(self, key: str, known: object) -> UsageError:
        return UsageError(f"{self.file}: there is no key `tool.dagproof.{key}`; use {known}.")


def _settings(
    root: Path, table: Mapping[str, Any], complaints: _Complaints, *, declared: bool
) -> Settings:
    def words(key: str, wanted: str = RULE_NAMES) -> Callable[[], tuple[str, ...]]:
        return lambda: _words(key, table.get(key, []), complaints, wanted)

    readers: dict[str, Callable[[], Any]] = {
        "dags": lambda: _folders(root, table.get("dags", ["dags"]), complaints),
        "plugins": lambda: _plugins(root, table.get("plugins"), complaints),
        "env": lambda: _env(table.get("env", {}), complaints),
        "services": lambda: _services(table.get("services"), complaints),
        "backend": lambda: _backend(table.get("backend", "embedded"), complaints),
        "containers": lambda: _containers(table.get("containers", {}), complaints),
        "pythonpath": lambda: _pythonpath(root, table.get("pythonpath", []), complaints),
        "runs": lambda: _runs(table.get("runs", []), complaints),
        "timeout": lambda: _number("timeout", table.get("timeout", DEFAULT_TIMEOUT), complaints),
        "select": words("select"),
        "extend-select": words("extend-select"),
        "ignore": words("ignore"),
        "per-file-ignores": lambda: _per_file(table.get("per-file-ignores", {}), complaints),
        "severity": lambda: _severity(table.get("severity", {}), complaints),
        "exclude": words("exclude", "a list of globs"),
        "baseline": lambda: _baseline(root, table.get("baseline"), complaints),
        "manifests": lambda: _manifests(table.get("manifests", []), complaints),
        "allow": words("allow", "a list of strings such as `network:rates.test`"),
        "budgets": lambda: _budgets(table.get("budgets", {}), complaints),
        "pure": words("pure", "a list of patterns of tasks, such as `my_dag.*`"),
        "xcoms": lambda: _xcoms(table.get("xcoms", {}), complaints),
    }
    for key in table:
        if key not in readers:
            raise complaints.unknown(key, ", ".join(readers))
    values = {key.replace("-", "_"): read() for key, read in readers.items()}
    return Settings(root=root, declared=declared, **values)


def _folders(root: Path, value: object, complaints: _Complaints) -> tuple[Path, ...]:
    folders = _strings(value)
    if not folders:
        raise complaints.wrong("dags", "a list of folders", value)
    return tuple((root / folder).resolve() for folder in folders)


def _plugins(root: Path, value: object, complaints: _Complaints) -> Path | None:
    """Return the folder; only where nobody named one may it be missing."""
    if value is None:
        folder = (root / "plugins").resolve()
        return folder if folder.is_dir() else None
    if not isinstance(value, str) or not (root / value).is_dir():
        raise complaints.wrong("plugins", "a folder that is there", value)
    return (root / value).resolve()


def _env(value: object, complaints: _Complaints) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise complaints.wrong("env", "a table of strings", value)
    for name, text in value.items():
        if not name or "=" in name or "\0" in name:
            raise complaints.wrong("env", "a table of names without `=`", name)
        if not isinstance(text, str) or "\0" in text:
            raise complaints.wrong(f"env.{name}", "a string without NUL", text)
    return value


def _pythonpath(root: Path, value: object, complaints: _Complaints) -> tuple[Path, ...]:
    folders = _strings(value)
    if folders is None or not all((root / folder).is_dir() for folder in folders):
        raise complaints.wrong("pythonpath", "a list of folders that are there", value)
    return tuple((root / folder).resolve() for folder in folders)


def _services(value: object, complaints: _Complaints) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = _strings(value)
    if names is None or not set(names) <= set(SERVICES):
        raise complaints.wrong("services", f"a list of {', '.join(SERVICES)}", value)
    # Airflow's own metadata database is never optional.
    return tuple(name for name in SERVICES if name in {*names, "postgres"})


def _backend(value: object, complaints: _Complaints) -> str:
    if not isinstance(value, str) or value not in BACKENDS:
        raise complaints.wrong("backend", f"one of {', '.join(BACKENDS)}", value)
    return value


def _containers(value: object, complaints: _Complaints) -> Containers:
    names = {each.name.replace("_", "-"): each.name for each in fields(Containers)}
    if not isinstance(value, dict):
        raise complaints.wrong("containers", f"a table of {', '.join(names)}", value)
    for key, given in value.items():
        if key not in names:
            raise complaints.unknown(f"containers.{key}", ", ".join(names))
        if key.endswith("-port"):
            if type(given) is not int or not 0 <= given <= LARGEST_PORT:
                raise complaints.wrong(f"containers.{key}", "a port, or 0 for any", given)
        elif not isinstance(given, str):
            raise complaints.wrong(f"containers.{key}", "the name of an image", given)
    return Containers(**{names[key]: given for key, given in value.items()})


def _runs(value: object, complaints: _Complaints) -> tuple[ConfiguredRun, ...]:
    if not isinstance(value, list):
        raise complaints.wrong("runs", "a list of tables", value)
    return tuple(_run(entry, complaints) for entry in value)


def _run(entry: object, complaints: _Complaints) -> ConfiguredRun:
    if not isinstance(entry, dict) or not isinstance(entry.get("dag"), str):
        raise complaints.wrong("runs", "tables with a `dag` and perhaps a `conf`", entry)
    if not isinstance(entry.get("conf", {}), dict) or not entry.keys() <= {"dag", "conf"}:
        raise complaints.wrong("runs", "tables with a `dag` and perhaps a `conf`", entry)
    return ConfiguredRun(entry["dag"], entry.get("conf", {}))


def _number(key: str, value: object, complaints: _Complaints) -> float:
    name = next((name for name in _UNITS if name in key), "")
    unit, most = _UNITS[name]
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if not 0 < number <= most:
        raise complaints.wrong(key, f"a number of {unit} above 0 and up to {most:g}", value)
    return float(number)


def _budgets(value: object, complaints: _Complaints) -> Budgets:
    names = {budget.name.replace("_", "-"): budget.name for budget in fields(Budgets)}
    if not isinstance(value, dict):
        raise complaints.wrong("budgets", f"a table of {', '.join(names)}", value)
    for key in value:
        if key not in names:
            raise complaints.unknown(f"budgets.{key}", ", ".join(names))
    given = {key: _number(f"budgets.{key}", number, complaints) for key, number in value.items()}
    return Budgets(**{names[key]: number for key, number in given.items()})


def _xcoms(value: object, complaints: _Complaints) -> Mapping[str, tuple[object, ...]]:
    if not isinstance(value, dict):
        raise complaints.wrong("xcoms", "a table of lists by `dag_id.task_id`", value)
    return dict(_examples(value, "", complaints))


def _examples(
    table: Mapping[str, Any], above: str, complaints: _Complaints
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield lists by `dag_id.task_id`, which TOML takes for tables where it is not quoted."""
    for key, examples in table.items():
        name = f"{above}{key}"
        if isinstance(examples, dict):
            yield from _examples(examples, f"{name}.", complaints)
        elif isinstance(examples, list):
            yield name, tuple(examples)
        else:
            raise complaints.wrong(f"xcoms.{name!r}", "a list of example values", examples)


def _words(key: str, value: object, complaints: _Complaints, wanted: str) -> tuple[str, ...]:
    """Return words; whether they mean anything, others know."""
    words = _strings(value)
    if words is None:
        raise complaints.wrong(key, wanted, value)
    return tuple(words)


def _per_file(value: object, complaints: _Complaints) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise complaints.wrong("per-file-ignores", "a table of globs, each with a list", value)
    return {
        glob: _words(f"per-file-ignores.{glob!r}", words, complaints, RULE_NAMES)
        for glob, words in value.items()
    }


def _severity(value: object, complaints: _Complaints) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise complaints.wrong("severity", "a table of codes or slugs", value)
    for word, severity in value.items():
        if severity not in SEVERITIES:
            raise complaints.wrong(f"severity.{word}", f"one of {', '.join(SEVERITIES)}", severity)
    return value


def _baseline(root: Path, value: object, complaints: _Complaints) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value or (root / value).is_dir():
        raise complaints.wrong("baseline", "a file", value)
    return (root / value).resolve()


def _manifests(value: object, complaints: _Complaints) -> tuple[str, ...]:
    globs = _strings(value)
    if globs is None or not all(_is_relative_glob(glob) for glob in globs):
        raise complaints.wrong("manifests", "a list of globs below the folder of this file", value)
    return tuple(globs)


def _is_relative_glob(glob: str) -> bool:
    """Say whether pathlib takes it; a double star has to be a whole part."""
    parts = PurePosixPath(glob).parts
    return bool(parts) and not any(
        part in {"/", ".."} or "\0" in part or ("**" in part and part != "**") for part in parts
    )


def _strings(value: object) -> list[str] | None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return value
