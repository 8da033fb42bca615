"""Write docs/reference from the code; with `--check` only say what would change."""

import argparse
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from reference_pages import commands, environment, json_fields, python_api, settings
from rule_docs import stale, write

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def main() -> int:
    """Write the pages, or check them; return 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on changes")
    options = parser.parse_args()
    wanted = pages()
    changes = stale(FOLDER, wanted)
    if options.check:
        for path in changes:
            sentence = f"{path} is not what the code says. Run scripts/reference_docs.py."
            print(sentence, file=sys.stderr)
        return 1 if changes else 0
    write(FOLDER, wanted)
    print(f"{len(changes)} of {len(wanted)} pages changed in {FOLDER}")
    return 0


def pages() -> Mapping[str, str]:
    """Return the pages by file name."""
    package = ROOT / "src" / "dagproof"
    return {
        "commands.md": commands.page(),
        "settings.md": settings.page(),
        "environment.md": environment.page(package),
        "json.md": json_fields.page(package / "reporters"),
        "fixtures.md": python_api.fixtures(package / "pytest_plugin.py"),
        "testing.md": python_api.testing(importlib.import_module("dagproof.testing")),
    }


if __name__ == "__main__":
    sys.exit(main())
