"""The value of one key each, checked: TOML in, a value of our own out."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Any, Final

from dagproof.config.complaints import Complaints
from dagproof.config.settings import BACKENDS, SERVICES, Budgets, ConfiguredRun
from dagproof.model import Containers, Severity

REPEATED: Final = ("s3://", "file:", "table:", "mlflow:", "model:")
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


def folders(root: Path, value: object, complaints: Complaints) -> tuple[Path, ...]:
    """Return absolute dags folders, of which there is at least one."""
    folders = _strings(value)
    if not folders:
        raise complaints.wrong("dags", "a list of folders", value)
    return tuple((root / folder).resolve() for folder in folders)


def plugins(root: Path, value: object, complaints: Complaints) -> Path | None:
    """Return the folder; only where nobody named one may it be missing."""
    if value is None:
        folder = (root / "plugins").resolve()
        return folder if folder.is_dir() else None
    if not isinstance(value, str) or not (root / value).is_dir():
        raise complaints.wrong("plugins", "a folder that is there", value)
    return (root / value).resolve()


def env(value: object, complaints: Complaints) -> Mapping[str, str]:
    """Return environment variables."""
    if not isinstance(value, dict):
        raise complaints.wrong("env", "a table of strings", value)
    for name, text in value.items():
        if not name or "=" in name or "\0" in name:
            raise complaints.wrong("env", "a table of names without `=`", name)
        if not isinstance(text, str) or "\0" in text:
            raise complaints.wrong(f"env.{name}", "a string without NUL", text)
    return value


def pythonpath(root: Path, value: object, complaints: Complaints) -> tuple[Path, ...]:
    """Return absolute folders that are there."""
    folders = _strings(value)
    if folders is None or not all((root / folder).is_dir() for folder in folders):
        raise complaints.wrong("pythonpath", "a list of folders that are there", value)
    return tuple((root / folder).resolve() for folder in folders)


def services(value: object, complaints: Complaints) -> tuple[str, ...] | None:
    """Return the services that a run needs, the metadata database always among them."""
    if value is None:
        return None
    names = _strings(value)
    if names is None or not set(names) <= set(SERVICES):
        raise complaints.wrong("services", f"a list of {', '.join(SERVICES)}", value)
    # Airflow's own metadata database is never optional.
    return tuple(name for name in SERVICES if name in {*names, "postgres"})


def backend(value: object, complaints: Complaints) -> str:
    """Return what stands behind the services."""
    if not isinstance(value, str) or value not in BACKENDS:
        raise complaints.wrong("backend", f"one of {', '.join(BACKENDS)}", value)
    return value


def containers(value: object, complaints: Complaints) -> Containers:
    """Return what services in containers are started from."""
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


def runs(value: object, complaints: Complaints) -> tuple[ConfiguredRun, ...]:
    """Return the runs that are listed."""
    if not isinstance(value, list):
        raise complaints.wrong("runs", "a list of tables", value)
    return tuple(_run(entry, complaints) for entry in value)


def _run(entry: object, complaints: Complaints) -> ConfiguredRun:
    tables = {"conf", "stubs"}
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("dag"), str)
        or not entry.keys() <= {"dag", *tables}
        or not all(isinstance(entry.get(name, {}), dict) for name in tables)
    ):
        form = "tables with a `dag`, and perhaps tables `conf` and `stubs`"
        raise complaints.wrong("runs", form, entry)
    return ConfiguredRun(**entry)


def number(key: str, value: object, complaints: Complaints) -> float:
    """Return a number in the unit that its key names."""
    name = next((name for name in _UNITS if name in key), "")
    unit, most = _UNITS[name]
    given = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if not 0 < given <= most:
        raise complaints.wrong(key, f"a number of {unit} above 0 and up to {most:g}", value)
    return float(given)


def budgets(value: object, complaints: Complaints) -> Budgets:
    """Return budgets, the usual ones where none is given."""
    names = {budget.name.replace("_", "-"): budget.name for budget in fields(Budgets)}
    if not isinstance(value, dict):
        raise complaints.wrong("budgets", f"a table of {', '.join(names)}", value)
    for key in value:
        if key not in names:
            raise complaints.unknown(f"budgets.{key}", ", ".join(names))
    return Budgets(
        **{names[key]: number(f"budgets.{key}", given, complaints) for key, given in value.items()}
    )


def xcoms(value: object, complaints: Complaints) -> Mapping[str, tuple[object, ...]]:
    """Return example values by task."""
    if not isinstance(value, dict):
        raise complaints.wrong("xcoms", "a table of lists by `dag_id.task_id`", value)
    return dict(_examples(value, "", complaints))


def _examples(
    table: Mapping[str, Any], above: str, complaints: Complaints
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


def words(key: str, value: object, complaints: Complaints, wanted: str) -> tuple[str, ...]:
    """Return words; whether they mean anything, others know."""
    found = _strings(value)
    if found is None:
        raise complaints.wrong(key, wanted, value)
    return tuple(found)


def excepted(value: object, complaints: Complaints) -> tuple[str, ...]:
    """Return globs of what may differ when a DAG is run again."""
    globs = _strings(value)
    if globs is None or not all(glob.startswith(REPEATED) for glob in globs):
        wanted = f"a list of globs that begin with {', '.join(f'`{one}`' for one in REPEATED)}"
        raise complaints.wrong("repeatable-except", wanted, value)
    return tuple(globs)


def per_file(value: object, complaints: Complaints) -> Mapping[str, tuple[str, ...]]:
    """Return words that name rules, by glob."""
    if not isinstance(value, dict):
        raise complaints.wrong("per-file-ignores", "a table of globs, each with a list", value)
    return {
        glob: words(f"per-file-ignores.{glob!r}", named, complaints, RULE_NAMES)
        for glob, named in value.items()
    }


def severity(value: object, complaints: Complaints) -> Mapping[str, str]:
    """Return severities by word that names a rule."""
    if not isinstance(value, dict):
        raise complaints.wrong("severity", "a table of codes or slugs", value)
    for word, severity in value.items():
        if severity not in SEVERITIES:
            raise complaints.wrong(f"severity.{word}", f"one of {', '.join(SEVERITIES)}", severity)
    return value


def baseline(root: Path, value: object, complaints: Complaints) -> Path | None:
    """Return the absolute file of known findings, which need not be there."""
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value or (root / value).is_dir():
        raise complaints.wrong("baseline", "a file", value)
    return (root / value).resolve()


def manifests(value: object, complaints: Complaints) -> tuple[str, ...]:
    """Return globs of files below the root."""
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
