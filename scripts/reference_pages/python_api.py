"""Fixtures of the pytest plugin, and functions of `dagproof.testing`, from their docstrings."""

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType

from reference_pages.markdown import described

_FIXTURES = """# Fixtures

They come with the package, and sleep until a test asks for one. Those that need services start them
once for each session (and each worker of pytest-xdist), and every test begins with clean ones.

"""

_TESTING = """# dagproof.testing

What tests import. Without pytest it works, too: in a notebook, or with another runner.

"""


def fixtures(plugin: Path) -> str:
    """Return the page of fixtures.

    Args:
        plugin: the file that defines them.
    """
    text = _FIXTURES
    tree = ast.parse(plugin.read_text(encoding="utf-8"))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            spelt = [ast.unparse(one) for one in function.decorator_list]
            if any(one.startswith("pytest.fixture") for one in spelt):
                scope = "session" if any("session" in one for one in spelt) else "function"
                said = described(ast.get_docstring(function) or "")
                text += f"## {function.name}\n\n{said}\nScope: {scope}.\n\n"
    return text.rstrip("\n") + "\n"


def testing(module: ModuleType) -> str:
    """Return the page of what a module offers."""
    text = _TESTING
    for name in module.__all__:
        one = getattr(module, name)
        text += f"## {name}\n\n"
        if inspect.isfunction(one):
            text += f"```python\n{_signature(name, one)}\n```\n\n"
        text += f"{described(one.__doc__ or '')}\n"
    return text.rstrip("\n") + "\n"


def _signature(name: str, function: object) -> str:
    """Return a signature with an argument a line, as it is imported: without modules' names."""
    signature = inspect.signature(function)  # type: ignore[arg-type] - a function it is
    parts: list[str] = []
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(_short(str(one)))
    body = "".join(f"    {part},\n" for part in parts)
    back = signature.return_annotation
    returned = "" if back is signature.empty else f" -> {_short(inspect.formatannotation(back))}"
    return f"def {name}(\n{body}){returned}: ..."


def _short(text: str) -> str:
    """Return `datetime | None` for `datetime.datetime | None`, and dates as they are made."""
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", text)
