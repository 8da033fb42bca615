"""DP141: a configuration asks for pickled XComs, which Airflow 3 does not have."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity, Span
from dagproof.rules.nodes import every_node
from dagproof.rules.reading import Reading

FILES: Final = (
    "airflow.cfg", ".env", ".env.*", "*.env", "Dockerfile", "Dockerfile.*", "*.dockerfile",
    "docker-compose*.yml", "docker-compose*.yaml", "compose*.yml", "compose*.yaml",
    "values*.yml", "values*.yaml", "airflow_settings.yaml",
)  # fmt: skip
"""Names of the files that may configure Airflow, as patterns of `PurePath.match`."""

_BEGINNINGS: Final = (
    "airflow", ".env", "Dockerfile", "dockerfile", "docker-compose", "compose", "values",
)  # fmt: skip
_ENDINGS: Final = (".env", ".dockerfile")

_NAME: Final = r"enable_xcom_(?:pickling|pickle|pickles|backend)|xcom_enable_pickling|xcom_pickling"
_TRUE: Final = r"[\"']?(?:true|t|1|yes|on)\b"
_SETTING: Final = re.compile(
    rf"^(?![ \t]*[#;])(?:.*?[^\w])?((?:AIRFLOW__CORE__)?(?:{_NAME}))[\"']?[ \t]*[:=]?[ \t]*{_TRUE}",
    re.IGNORECASE | re.MULTILINE,
)
_VARIABLE: Final = re.compile(rf"AIRFLOW__CORE__(?:{_NAME})", re.IGNORECASE)
_TOKENS: Final = (b"enable_xcom", b"ENABLE_XCOM", b"xcom_pick", b"XCOM_PICK", b"xcom_enable")
_OPTION: Final = re.compile(_NAME, re.IGNORECASE)


def is_configuration(path: PurePath) -> bool:
    """Return whether a file may configure Airflow."""
    name = path.name
    likely = name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)
    return likely and any(path.match(pattern) for pattern in FILES)


def check_text(path: str, text: str) -> Iterator[Hit]:
    """Yield the lines of a configuration file that switch pickled XComs on.

    Args:
        path: as findings show it.
        text: of `airflow.cfg`, a compose file, a Dockerfile, an env file or Helm values.
    """
    for found in _SETTING.finditer(text):
        line = text.count("\n", 0, found.start(1)) + 1
        column = found.start(1) - (text.rfind("\n", 0, found.start(1)) + 1) + 1
        span = Span(path, line, column, line, column + len(found.group(1)))
        yield Hit(span, _message(found.group(1)))


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the statements of a Python file that switch pickled XComs on."""
    if not any(token in reading.source.data for token in _TOKENS):
        return
    for node in every_node(reading.source):
        name = _set(node)
        if name is not None:
            yield Hit(reading.source.span(node), _message(name))  # type: ignore[arg-type]


def _message(name: str) -> str:
    if name.lower().endswith("enable_xcom_pickling"):
        return f"`{name}` has no effect: Airflow 3 does not pickle XComs"
    return f"`{name}` is no option of Airflow, and Airflow 3 does not pickle XComs"


def _set(node: ast.AST) -> str | None:
    """Return the name of the option that a node of Python switches on."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Subscript) and _is_true(node.value):
            return _matching(_VARIABLE, target.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        texts = [one for one in node.args if isinstance(one, ast.Constant)]
        if node.func.attr in ("setdefault", "putenv", "setenv") and len(texts) > 1:
            return _matching(_VARIABLE, texts[0]) if _is_true(texts[1]) else None
        if node.func.attr == "set" and len(texts) > 2 and texts[0].value == "core":  # noqa: PLR2004 - section, option, value
            return _matching(_OPTION, texts[1]) if _is_true(texts[2]) else None
    return None


def _matching(pattern: re.Pattern[str], node: ast.expr) -> str | None:
    text = node.value if isinstance(node, ast.Constant) else None
    return text if isinstance(text, str) and pattern.fullmatch(text) else None


def _is_true(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return str(text).lower() in ("true", "t", "1", "yes", "on")


RULE: Final = Rule(
    code="DP141",
    slug="pickled-xcom",
    severity=Severity.WARNING,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "Airflow 3 has removed pickled XComs and ignores the option without a word: values that "
        "needed it, such as sparse matrices, fail when they are pushed."
    ),
    fix=(
        "Remove the option; pass files by their paths, or write an XCom backend that stores the "
        "type."
    ),
    bad="""\
import os

from airflow.sdk import DAG

os.environ["AIRFLOW__CORE__ENABLE_XCOM_PICKLING"] = "True"

with DAG("train"):
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("train"):
    pass
""",
    check=check,
)
