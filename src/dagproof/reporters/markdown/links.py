"""Where the lines of a page's places can be read: on GitHub, as far as its runner says so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from dagproof.model import Span
from dagproof.reporters.markdown.escaping import code

_SERVER: Final = re.compile(r"https?://[\w.:/-]+")


@dataclass(frozen=True, slots=True)
class Links:
    """What addresses begin with.

    Attributes:
        files: of a file of the repository, up to its path; empty where nobody knows.
        rules: of a rule's page, up to its slug; empty where nobody knows.
    """

    files: str = ""
    rules: str = ""

    def place(self, span: Span) -> str:
        """Return where a span begins, as Markdown."""
        shown = code(f"{span.path}:{span.line}")
        if not self.files or span.path.startswith("/"):
            return shown
        address = quote(f"{span.path}", errors="replace")
        return f"[{shown}](<{self.files}/{address}#L{span.line}>)"

    def rule(self, label: str, slug: str) -> str:
        """Return the codes of a finding, as Markdown."""
        return f"[{label}](<{self.rules}/{quote(slug)}.md>)" if self.rules else label


NO_LINKS = Links()


def links_of(environ: Mapping[str, str], folder: str = "", rules: str = "") -> Links:
    """Return the links that the environment of a GitHub runner gives.

    Args:
        environ: environment variables.
        folder: of the repository, to which paths are relative; empty for its root.
        rules: see `Links.rules`.
    """
    names = ("SERVER_URL", "REPOSITORY", "SHA")
    server, repository, commit = (environ.get(f"GITHUB_{name}", "") for name in names)
    if not (_SERVER.fullmatch(server) and repository and commit):
        return Links(rules=rules)
    below = f"{repository}/blob/{commit}/{folder}".rstrip("/")
    return Links(f"{server.rstrip('/')}/{quote(below, errors='replace')}", rules)
