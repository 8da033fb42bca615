"""All rules are written the same way, and fire exactly where examples and fixtures say."""

import ast
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from linting import DAG, FIXTURES, IMPORT_TIME, expected, found, linted, report

from dagproof.config import Settings
from dagproof.lint import LintRequest, lint
from dagproof.model import Rule
from dagproof.rules import COMMENTS, CONTRACTS, IMPORTS, READING, REPOSITORY, RULES, RUNS

FOLDER = Path(import_module("dagproof.rules").__path__[0])
FILES = sorted(path.stem for path in FOLDER.glob("dp[0-9]*_*.py"))
LISTED = [rule for rule in RULES if rule.code.startswith("DP1")]
CASES = sorted(
    case
    for code in IMPORT_TIME
    for case in (FIXTURES / code).iterdir()
    if case.is_dir() and case.name != "__pycache__"
)
MANIFEST = "pools: [declared]\nconnections: [declared]\nvariables: [declared]\n"


def module_name(rule: Rule) -> str:
    return f"{rule.code.lower()}_{rule.slug.replace('-', '_')}"


def codes(text: str, folder: Path) -> set[str]:
    """Lint one example in a repository with a manifest, with every rule there is."""
    (folder / "dags").mkdir()
    (folder / "dags" / "bad.py").write_text(text, "utf-8")
    (folder / "env.yaml").write_text(MANIFEST)
    settings = Settings(folder, (folder / "dags",), manifests=("env.yaml",))
    given = lint(settings, LintRequest(select=("ALL",), cached=False))
    return {finding.code for finding in given.findings}


@pytest.mark.parametrize("rule", LISTED, ids=lambda rule: rule.code)
def test_bad_example_is_found(rule: Rule, tmp_path: Path) -> None:
    assert rule.code in codes(rule.bad, tmp_path)


@pytest.mark.parametrize("rule", LISTED, ids=lambda rule: rule.code)
def test_good_example_is_clean(rule: Rule, tmp_path: Path) -> None:
    assert rule.code not in codes(rule.good, tmp_path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples_are_python(rule: Rule) -> None:
    ast.parse(rule.good)
    if rule.code != "DP100":
        ast.parse(rule.bad)
    assert rule.bad.endswith("\n")
    assert rule.good.endswith("\n")
    assert max(map(len, f"{rule.bad}{rule.good}".split("\n"))) <= 100


@pytest.mark.parametrize("name", FILES)
def test_file_is_listed_once_and_named_by_code_and_slug(name: str) -> None:
    rule = import_module(f"dagproof.rules.{name}").RULE
    assert name == module_name(rule)
    assert [one is rule for one in RULES].count(True) == 1


def test_every_listed_rule_has_a_file() -> None:
    assert sorted(module_name(rule) for rule in RULES) == FILES


def test_rules_are_in_order_of_code() -> None:
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)
    for part in (READING, REPOSITORY, COMMENTS, IMPORTS, CONTRACTS, RUNS):
        assert [rule.code for rule in part] == sorted(rule.code for rule in part)


def test_codes_and_slugs_are_unique() -> None:
    names = Counter(name for rule in RULES for name in (rule.code, rule.slug))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_is_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"DP[1-4]\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.slug)
    for text in (rule.why, rule.fix):
        assert text.endswith(".")
        assert text == text.strip()
        assert "  " not in text
        assert "\n" not in text
        assert text.count("`") % 2 == 0
        assert text[0].isupper() or text[0] in "`/"


def test_the_hundred_of_a_code_says_how_it_is_known() -> None:
    assert {rule.code[:3] for rule in IMPORTS} == {"DP2"}
    assert {rule.code[:3] for rule in CONTRACTS} == {"DP3"}
    assert {rule.code[:3] for rule in RUNS} == {"DP4"}
    assert {rule.code[:3] for rule in (*READING, *REPOSITORY, *COMMENTS)} == {"DP1"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_fixture_fires_where_it_says(case: Path) -> None:
    assert found(report(case), case) == expected(case)


def test_every_import_time_rule_has_fixtures_that_fire_and_lines_that_do_not() -> None:
    fires = Counter(code for case in CASES for _, _, code in expected(case))
    assert set(fires) == set(IMPORT_TIME)
    assert sum(not expected(case) for case in CASES) > 15


def test_an_effect_is_told_once_with_the_way_to_it(tmp_path: Path) -> None:
    files = {
        "a.py": f"{DAG}import helper\nhelper.outer()\n",
        "b.py": f"{DAG}import helper\nhelper.outer()\n",
        "helper.py": "import requests\n\ndef outer():\n    inner()\n\n"
        "def inner():\n    requests.get('https://x')\n",
    }
    assert linted(tmp_path, files) == [("helper.py", 7, "DP102")]
    [finding] = report(tmp_path).findings
    related = [(Path(one.span.path).name, one.span.line) for one in finding.related]
    assert related == [("a.py", 3), ("helper.py", 4)]
    assert "`requests.get()`" in finding.message
    assert f"each time `{finding.related[0].span.path}` is imported" in finding.message


def test_an_effect_of_the_file_itself_says_so(tmp_path: Path) -> None:
    linted(tmp_path, {"dag.py": f"{DAG}import requests\nrequests.get('https://x')\n"})
    [finding] = report(tmp_path).findings
    assert finding.message == "`requests.get()` runs each time this file is imported"
    assert finding.related == ()
    assert finding.excerpt == "requests.get('https://x')"


def test_an_effect_of_an_imported_module_names_the_import(tmp_path: Path) -> None:
    files = {
        "dag.py": f"{DAG}import one\n",
        "one.py": "import two\n",
        "two.py": "import requests\nrequests.get('https://x')\n",
    }
    assert linted(tmp_path, files) == [("two.py", 2, "DP102")]
    [finding] = report(tmp_path).findings
    related = [(Path(one.span.path).name, one.span.line, one.message) for one in finding.related]
    assert related == [("dag.py", 2, "imported here"), ("one.py", 1, "imported here")]


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"x = (\n" + DAG.encode(), 1, "never closed"),
        (DAG.encode() + b"x = 1 +\n", 2, "invalid syntax"),
        (DAG.encode() + b"\n\0", 3, "null bytes"),
        (b"# airflow dag\nx = '\xff'\n", 2, "UTF-8"),
        (b"# -*- coding: klingon -*-\n" + DAG.encode(), 1, "klingon"),
        (DAG.encode() + b"x = " + b"(" * 1000 + b")" * 1000, 2, "nested"),
    ],
    ids=["bracket", "syntax", "nul", "bytes", "encoding", "nesting"],
)
def test_what_is_no_python_is_one_finding_and_one_error(
    data: bytes, line: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_bytes(data)
    (tmp_path / "fine.py").write_text(f"{DAG}import requests\nrequests.get('https://x')\n")
    given = report(tmp_path)
    assert found(given, tmp_path) == [("bad.py", line, "DP100"), ("fine.py", 3, "DP102")]
    [error] = given.errors
    assert says in error.message
    assert error.path.endswith("bad.py")
