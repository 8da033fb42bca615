"""Which Airflow and Python a repository deploys, and how its packages are installed."""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = (3, 0, 6)
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
_FOR_PIP: Final = re.compile(r"(?:^|/)(?:requirements|constraints)[^/]*$")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_SHOWN: Final = 2

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


def _supported(version: str, *, exact: bool) -> bool:
    """Return whether dagproof is installed beside a version of Airflow."""
    release = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if not release:
        return True
    oldest = OLDEST if exact else OLDEST[:2]
    return oldest[: len(release)] <= release and release[:2] <= NEWEST


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one file says of Airflow's version.

    Attributes:
        version: as precise as it is said.
        said_in: the file, relative to the repository.
        exact: whether it is the whole version.
        about: whether versions like it are meant, too.
    """

    version: str
    said_in: str
    exact: bool = False
    about: bool = False

    @property
    def supported(self) -> bool:
        """Whether dagproof is installed beside it."""
        return _supported(self.version, exact=self.exact)

    def differs(self, other: "_Claim") -> bool:
        """Return whether no version is what both say."""
        parts = [one.version.split(".")[: 1 if one.about else None] for one in (self, other)]
        return any(one != two for one, two in zip(*parts, strict=False))


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
        disagreement: one sentence without a full stop, where other files say another version of
            Airflow; empty where none does.
    """

    airflow: str = ""
    said_in: str = ""
    exact: bool = False
    python: str = _USUAL_PYTHON
    requirements: tuple[str, ...] = ()
    lock: str = ""
    project: str = ""
    brings_airflow: bool = False
    disagreement: str = ""

    @property
    def supported(self) -> bool:
        """Whether dagproof can import its DAGs; where nothing is said, it is taken to be."""
        return _supported(self.airflow, exact=self.exact)

    @property
    def lists(self) -> tuple[str, ...]:
        """The files that list the packages to install, relative to the repository."""
        project = "pyproject.toml" if self.project else ""
        return (*self.requirements, *filter(None, (self.lock, project)))


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
    requirements = _requirements([path.relative_to(root).as_posix() for path, _ in told])
    locks = [path for path, _ in told if path.name in {"uv.lock", "poetry.lock"}]
    lock = "" if requirements or not locks else locks[0].relative_to(root).as_posix()
    project = "" if requirements or lock else _project(root)
    installed = {*requirements, lock, "pyproject.toml" if project else lock}
    claims = tuple(_claims(told, root))
    said = _said(claims, installed)
    return Deployment(
        said.version,
        said.said_in,
        said.exact,
        _python(told),
        requirements,
        lock,
        project,
        any(
            path.relative_to(root).as_posix() in installed
            and re.search(r"\bapache-airflow(?:\[|\s*[=<>~!;\n\"]|$)", text)
            for path, text in told
        ),
        _disagreement(said, claims, installed),
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


def _claims(told: Sequence[tuple[Path, str]], root: Path) -> Iterator[_Claim]:
    """Yield what each file says of Airflow's version, where it does."""
    for path, text in told:
        name = path.relative_to(root).as_posix()
        plain = _COMMENT.sub("", text) if _FOR_PIP.search(name) else text
        exact = next(filter(None, (pattern.search(plain) for pattern in _EXACT)), None)
        old = _OLD_RUNTIME.search(plain)
        if exact is not None:
            version = exact[1].rstrip(".")
            yield _Claim(version, name, exact=version.count(".") > 1)
        elif old and int(old[1]) in _OF_RUNTIME:
            yield _Claim(_OF_RUNTIME[int(old[1])], name)
        elif found := _ABOUT.search(plain):
            yield _Claim(found[1], name, about=True)


def _said(claims: Sequence[_Claim], installed: Collection[str]) -> _Claim:
    """Return what counts: the surest, unless dagproof cannot be installed with the packages."""
    first = next(iter(sorted(claims, key=lambda claim: claim.about)), _Claim("", ""))
    barring = (one for one in claims if one.said_in in installed and not one.supported)
    return next(barring, first) if first.supported else first


def _disagreement(said: _Claim, claims: Sequence[_Claim], installed: Collection[str]) -> str:
    others = [
        one
        for one in claims
        if one.differs(said)
        and not (_FOR_PIP.search(one.said_in) and _NOT_DEPLOYED.search(Path(one.said_in).name))
    ]
    if not others:
        return ""
    others.sort(key=lambda claim: claim.said_in not in installed)
    others = list({one.version: one for one in reversed(others)}.values())[::-1]
    told = " and ".join(f"{one.said_in} says {one.version}" for one in others[:_SHOWN])
    told += " and others differ, too" if len(others) > _SHOWN else ""
    if said.said_in in installed and not said.supported:
        return (
            f"{told}, but {said.said_in} wants {said.version}, beside which dagproof cannot be "
            "installed (3.0.6 to 3.3): let them say the same"
        )
    brought = others[0].said_in in installed and said.supported
    return f"{told}: what {others[0].said_in} lists is what CI installs" if brought else told


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
