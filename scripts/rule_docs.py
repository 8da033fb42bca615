"""Write docs/rules from the rules; with `--check` only say what would change."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from dagproof.reporters.rule_page import pages

FOLDER = Path(__file__).parents[1] / "docs" / "rules"


def main() -> int:
    """Write the pages, or check them; return 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on changes")
    options = parser.parse_args()
    from dagproof.rules import RULES

    wanted = pages(RULES)
    changes = stale(FOLDER, wanted)
    if options.check:
        for path in changes:
            print(f"{path} is not what the rules say. Run scripts/rule_docs.py.", file=sys.stderr)
        return 1 if changes else 0
    write(FOLDER, wanted)
    print(f"{len(changes)} of {len(wanted)} pages changed in {FOLDER}")
    return 0


def stale(folder: Path, wanted: Mapping[str, str]) -> list[Path]:
    """Return the pages that are missing, differ, or belong to no rule."""
    names = wanted.keys() | {path.name for path in folder.glob("*.md")}
    return [folder / name for name in sorted(names) if _read(folder / name) != wanted.get(name)]


def write(folder: Path, wanted: Mapping[str, str]) -> None:
    """Write the pages, and remove those that belong to no rule."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in stale(folder, wanted):
        if path.name in wanted:
            path.write_text(wanted[path.name], encoding="utf-8")
        else:
            path.unlink()


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
