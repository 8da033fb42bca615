"""`[tool.dagproof]`: keys, what they want, and what holds where they are not there."""

import re
import tempfile
from dataclasses import fields
from pathlib import Path

from dagproof.config import Settings, load_settings
from dagproof.config.settings import Budgets, ConfiguredRun
from dagproof.model import Containers, UsageError
from reference_pages.markdown import code, entries, sections, table

_TABLES = {"budgets": Budgets, "containers": Containers}
_WANTS = re.compile(r"must be (?P<wanted>.*?), not ")


def page() -> str:
    """Return the page of all settings."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "plugins").mkdir()
        usual = load_settings(root)
        docs = entries(sections(Settings.__doc__ or "")["Attributes"])
        rows = [
            (code(key), _said(docs[_name(key)]), wanted(root, key), _shown(root, usual, key))
            for key in keys(root)
        ]
        text = _HEAD + table(("key", "is", "must be", "default"), rows)
        for name, kind in _TABLES.items():
            text += f"\n## [tool.dagproof.{name}]\n\n" + _table(root, name, kind)
    told = sections(ConfiguredRun.__doc__ or "")
    rows = [(code(name), said.rstrip(".")) for name, said in entries(told["Attributes"]).items()]
    return f"{text}\n## [[tool.dagproof.runs]]\n\n" + table(("key", "is"), rows)


_WORDS = {
    r"^absolute ": "",
    r", or None where the repository has none": "",
    r"which of `SERVICES` a run needs; None for those": "services that a run needs; else those",
    r"which of `BACKENDS` stands behind them": "what stands behind the services",
    r"relative to `root`": "relative to the file",
}
"""What a docstring calls by the names of our code."""

_HEAD = """# Settings

`[tool.dagproof]` in the nearest pyproject.toml at or above the working directory. Every key is
optional; one that is unknown, or that holds something else than what it must be, is refused with
exit code 2. Words that name rules are codes (`DP104`), their beginnings (`DP10`), slugs
(`network-call-at-import`) and `ALL`. Paths are relative to the file.

"""


def keys(root: Path) -> list[str]:
    """Return the keys that are read, as the complaint about an unknown one lists them."""
    return _complaint(root, "no-such-key = 1").partition("; use ")[2].rstrip(".").split(", ")


def wanted(root: Path, key: str) -> str:
    """Return what a key must be, as the complaint about a wrong value says it."""
    said = _WANTS.search(_complaint(root, f"{key} = -1"))
    if said is None:
        raise ValueError(f"`{key}` takes -1.")
    return said["wanted"]


def _complaint(root: Path, line: str) -> str:
    (root / "pyproject.toml").write_text(f"[tool.dagproof]\n{line}\n", encoding="utf-8")
    try:
        load_settings(root)
    except UsageError as error:
        return str(error)
    finally:
        (root / "pyproject.toml").unlink()
    return ""


def _table(root: Path, name: str, kind: type) -> str:
    docs = entries(sections(kind.__doc__ or "")["Attributes"])
    rows = [
        (
            code(each.name.replace("_", "-")),
            _said(docs[each.name]),
            wanted(root, f"{name}.{each.name.replace('_', '-')}"),
            code(_plain(each.default)),
        )
        for each in fields(kind)
    ]
    return table(("key", "is", "must be", "default"), rows)


def _name(key: str) -> str:
    return key.replace("-", "_")


def _said(text: str) -> str:
    """Return what a docstring says of an attribute, for who writes the file."""
    for pattern, instead in _WORDS.items():
        text = re.sub(pattern, instead, text)
    return text.rstrip(".")


def _shown(root: Path, usual: Settings, key: str) -> str:
    value = getattr(usual, _name(key))
    if key in _TABLES:
        return "see below"
    if isinstance(value, Path):
        return f"`{value.relative_to(root)}`, if it is there"
    if isinstance(value, tuple):
        value = [str(one.relative_to(root)) if isinstance(one, Path) else one for one in value]
    return code(_plain(value)) if value or value == 0 else ""


def _plain(value: object) -> str:
    if isinstance(value, str | list):
        return repr(value).replace("'", '"')
    return f"{value:g}" if isinstance(value, float) else str(value)
