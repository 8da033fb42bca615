"""Which Airflow and Python a repository deploys, and how its packages are installed."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = (3, 0)
NEWEST: Final = (3, 3)
_PYTHONS: Final = ("3.11", "3.12", "3.13")
_USUAL_PYTHON: Final = "3.12"
_MOST_BYTES: Final = 20_000_000

_FILES: Final = (
    "Dockerfile*", "*.Dockerfile", "uv.lock", "poetry.lock", "requirements*.txt",
    "constraints*.txt", "requirements*.in", "pyproject.toml", "docker-compose*.y*ml",
    "compose*.y*ml",
)  # fmt: skip
"""Those that say it most surely come first."""

_BESIDE: Final = ("docker", "requirements", "airflow", "deploy", "infra", ".devcontainer")
"""Folders of a repository that hold such files."""

_NOT_DEPLOYED: Final = re.compile(r"dev|test|doc|lint|build")

_EXACT: Final = (
    re.compile(r"apache/airflow:(?:slim-)?(\d+\.\d+\.\d+)"),
    re.compile(r"\b(?:astro-)?runtime:(\d+\.\d+)-\d"),
    re.compile(r"^name = \"apache-airflow\"\nversion = \"(\d+\.\d+[\w.]*)\"", re.MULTILINE),
    re.compile(r"\bapache-airflow(?:\[[^\]\n]*\])?\s*={2,3}\s*(\d+\.\d+[\w.]*)"),
    re.compile(r"apache/airflow/constraints-(\d+\.\d+\.\d+)/"),
)
_ABOUT: Final = re.compile(
    r"\bapache-airflow(?:\[[^\]\n]*\])?[\"']?\s*(?:=\s*[\"'{][^\"'\n]*?)?"
    r"(?:[~^]=?\s*|>=?\s*(?=[^\"'\n]*<\s*3(?:\.0)*(?![\d.])))(\d+(?:\.\d+)*)"
)
"""A version and those like it; a lower bound alone says nothing of what is deployed."""

_OLD_RUNTIME: Final = re.compile(r"\bastro-runtime:(\d+)\.\d+\.\d+")
_OF_RUNTIME: Final = {4: "2.2", 5: "2.3", 6: "2.4", 7: "2.5", 8: "2.6", 9: "2.7", 10: "2.8",
                      11: "2.9", 12: "2.10", 13: "2.11"}  # fmt: skip
_PYTHON: Final = re.compile(
    r"(?:-python|^FROM (?:[\w./-]*/)?python:|constraints-|^python = \"[~^>=]*|"
    r"^requires-python = \"[~>=]*)(3\.\d+)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a repository says of where it runs.

    Attributes:
        airflow: version of Airflow, as precise as it is said; empty where nothing says it.
        said_in: the file that says so, relative to the repository.
        exact: whether it is the whole version.
        python: version of Python, one that dagproof runs on.
        requirements: the files to install, relative to the repository.
        lock: `uv.lock` or `poetry.lock`, where packages are installed from there.
        project: where they are installed from pyproject.toml: `.` for what can be built, else the
            file; empty where they are not.
        brings_airflow: whether what is installed holds Airflow already.
    """

    airflow: str = ""
    said_in: str = ""
    exact: bool = False
    python: str = _USUAL_PYTHON
    requirements: tuple[str, ...] = ()
    lock: str = ""
    project: str = ""
    brings_airflow: bool = False

    @property
    def supported(self) -> bool:
        """Whether dagproof can import its DAGs; where nothing is said, it is taken to be."""
        release = tuple(int(part) for part in re.findall(r"\d+", self.airflow)[:2])
        if len(release) < len(OLDEST):
            return not release or OLDEST[0] <= release[0] <= NEWEST[0]
        return OLDEST <= release <= NEWEST


def deployment_of(root: Path, dags: Sequence[Path]) -> Deployment:
    """Return what a repository says of where it runs.

    Args:
        root: of the repository.
        dags: its dags folders; what lies beside them says it, too.
    """
    beside = (one.parent for one in dags if root in one.parents)
    inner = (root / name for name in _BESIDE)
    folders = tuple(dict.fromkeys((root, *beside, *inner)))
    told = [(path, text) for path in _files(folders) if (text := _text(path))]
    airflow, said_in, exact = _airflow(told)
    requirements = _requirements([path.relative_to(root).as_posix() for path, _ in told])
    locks = [path for path, _ in told if path.name in {"uv.lock", "poetry.lock"}]
    lock = "" if requirements or not locks else locks[0].relative_to(root).as_posix()
    project = "" if requirements or lock else _project(root)
    installed = {*requirements, lock, "pyproject.toml" if project else lock}
    return Deployment(
        airflow,
        said_in.relative_to(root).as_posix() if said_in else "",
        exact,
        _python(told),
        requirements,
        lock,
        project,
        any(
            path.relative_to(root).as_posix() in installed
            and re.search(r"\bapache-airflow(?:\[|\s*[=<>~!;\n\"]|$)", text)
            for path, text in told
        ),
    )


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for pattern in _FILES:
        for folder in folders:
            yield from sorted(path for path in folder.glob(pattern) if path.is_file())


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _airflow(told: Sequence[tuple[Path, str]]) -> tuple[str, Path | None, bool]:
    """Return the version, who says it, and whether it is the whole version."""
    for path, text in told:
        for pattern in _EXACT:
            if found := pattern.search(text):
                version = found[1].rstrip(".")
                return version, path, version.count(".") > 1
        if (old := _OLD_RUNTIME.search(text)) and int(old[1]) in _OF_RUNTIME:
            return _OF_RUNTIME[int(old[1])], path, False
    for path, text in told:
        if found := _ABOUT.search(text):
            return found[1], path, False
    return "", None, False


def _requirements(names: Sequence[str]) -> tuple[str, ...]:
    """Return the files that list what is deployed; of other names, the only one that there is."""
    usual = [name for name in names if name.rpartition("/")[2] == "requirements.txt"]
    others = [
        name
        for name in names
        if re.search(r"(?:^|/)requirements[^/]*\.txt$", name) and not _NOT_DEPLOYED.search(name)
    ]
    return tuple(usual or (others if len(others) == 1 else ()))


def _project(root: Path) -> str:
    """Return what pip is given for the packages of pyproject.toml; empty where it lists none."""
    try:
        document = tomllib.loads(_text(root / "pyproject.toml"))
        listed = document.get("project", {}).get("dependencies")
    except (tomllib.TOMLDecodeError, AttributeError):
        return ""
    if not listed:
        return ""
    return "." if "build-system" in document else "pyproject.toml"


def _python(told: Sequence[tuple[Path, str]]) -> str:
    for _, text in told:
        for found in _PYTHON.findall(text):
            if found in _PYTHONS:
                return str(found)
    return _USUAL_PYTHON
