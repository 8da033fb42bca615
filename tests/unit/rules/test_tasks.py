"""The rules about what tasks do fire exactly where the fixtures expect it."""

import re
import shutil
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from dagproof.model import Rule
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.reading import Reading
from dagproof.source.file import parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
FILES = sorted(FIXTURES.glob("DP1[345]?/*.py"))
EXPECTED = re.compile(r"#\s*expect:\s*([\w, ]+)")
RULES: dict[str, Rule[Reading]] = {}
for _file in sorted(Path(import_module("dagproof.rules").__path__[0]).glob("dp1[345]*_*.py")):
    _rule = import_module(f"dagproof.rules.{_file.stem}").RULE
    RULES[_rule.code] = _rule


def read(path: Path) -> Reading:
    """Read a file as the linter does."""
    interpreter = Interpreter(
        Finder([path.parent], path.parent, LIBRARIES),
        lambda found: parse(found, found.name, found.read_bytes()),
        watched,
    )
    unit = interpreter.module(path)
    assert unit.source is not None
    return Reading(unit, unit.source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_fixture_fires_where_it_says(path: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # what this repository configures is not asked
    copy = Path(shutil.copy(path, tmp_path))
    expected: Counter[int] = Counter()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = EXPECTED.search(line)
        if found:
            expected[number] += found.group(1).count(path.parent.name)
    hits = list(RULES[path.parent.name].check(read(copy)))
    assert Counter(hit.span.line for hit in hits) == expected, [hit.message for hit in hits]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_bad_example_is_found_and_good_is_clean(rule: Rule[Reading], tmp_path: Path) -> None:
    for name, text in (("bad", rule.bad), ("good", rule.good)):
        (tmp_path / f"{name}_dag.py").write_text(text)
        hits = list(rule.check(read(tmp_path / f"{name}_dag.py")))
        assert bool(hits) is (name == "bad"), hits


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_messages_are_facts_without_a_full_stop(rule: Rule[Reading], tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(rule.bad)
    for hit in rule.check(read(tmp_path / "dag.py")):
        assert not hit.message.endswith(".")
        assert hit.message.count("`") % 2 == 0
    assert rule.fix.endswith(".")
    assert rule.why.endswith(".")
