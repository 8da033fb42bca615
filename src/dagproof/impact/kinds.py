"""What kind of file has changed: does everything depend on it, or nothing, or neither."""

import posixpath
import re
from typing import Final

_EVERYTHING: Final = re.compile(
    r"(?:.*[._-])?(?:requirements|constraints)(?:[._-].*)?\.(?:txt|in)|pyproject\.toml"
    r"|setup\.(?:py|cfg)|(?:uv|poetry|pdm|pixi)\.lock|Pipfile(?:\.lock)?|pixi\.toml|conda-lock\.yml"
    r"|environment\.ya?ml|(?:.*\.)?(?:Dockerfile|Containerfile)(?:[._-].*)?"
    r"|(?:docker-)?compose.*\.ya?ml|packages\.txt|airflow\.cfg|airflow_settings\.ya?ml"
    r"|airflow_local_settings\.py|webserver_config\.py|\.airflowignore|\.env(?:\..*)?|tox\.ini"
    r"|\.python-version|(?:site|user)customize\.py|\.gitmodules",
    re.IGNORECASE,
)
"""Names of files that say what is installed, how Airflow is configured, and what it reads."""

_WORKFLOW: Final = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|Jenkinsfile"
    r"|azure-pipelines\.ya?ml|bitbucket-pipelines\.yml|\.pre-commit-config\.yaml"
)
"""Files that say what CI does: of the others than dagproof's own nothing depends."""

_IDLE_NAMES: Final = re.compile(
    r"(?:readme|license|licence|notice|copying|authors|changelog|changes|contributing|codeowners)"
    r"(?:\..*)?|makefile|py\.typed|\.(?:gitignore|gitattributes|editorconfig|gitkeep|keep|flake8"
    r"|pylintrc|coveragerc|sqlfluff(?:ignore)?|yamllint(?:\.ya?ml)?|prettierrc.*|markdownlint.*)"
    r"|mypy\.ini|pytest\.ini|\.?ruff\.toml|renovate\.json",
    re.IGNORECASE,
)
_IDLE_ENDINGS: Final = frozenset(
    {
        ".md", ".rst", ".adoc", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".pdf",
        ".drawio", ".mmd", ".puml", ".pyi",
    }
)  # fmt: skip
IDLE_FOLDERS: Final = frozenset({"tests", "test", "docs", "doc", ".github", ".vscode", ".idea"})


def is_for_everything(inside: str) -> bool:
    """Say whether everything may depend on a file.

    Args:
        inside: its path in the repository.
    """
    folder, name = posixpath.split(inside)
    return not _in_idle(folder) and _EVERYTHING.fullmatch(name) is not None


def is_workflow(inside: str) -> bool:
    """Say whether a file tells CI what to do; everything depends on it if it calls dagproof."""
    return _WORKFLOW.fullmatch(inside) is not None


def is_idle(inside: str) -> bool:
    """Say whether nothing depends on a file unless a DAG names it."""
    folder, name = posixpath.split(inside)
    ending = posixpath.splitext(name)[1].lower()
    if is_workflow(inside):
        return True
    return _in_idle(folder) or ending in _IDLE_ENDINGS or _IDLE_NAMES.fullmatch(name) is not None


def _in_idle(folder: str) -> bool:
    return not IDLE_FOLDERS.isdisjoint(folder.split("/"))
