"""The rules about DAGs, their names and their environment fire exactly where fixtures say."""

import re
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

from dagproof.model import Hit, Rule
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.facts import facts
from dagproof.rules.manifest import Manifest
from dagproof.rules.reading import Reading
from dagproof.rules.repository import Repository, SeenDags
from dagproof.source.file import parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder

ROOT = Path(import_module("dagproof.rules").__path__[0])
FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
EXPECTED = re.compile(r"#\s*expect:\s*([\w, ]+)")
DECLARED = frozenset({"declared"})
MANIFEST = Manifest("dev.yaml", DECLARED, DECLARED, DECLARED)
PATTERNS = ("dp114_*.py", "dp12?_*.py", "dp16?_*.py", "dp17?_*.py")
NAMES = [file.stem for pattern in PATTERNS for file in sorted(ROOT.glob(pattern))]
RULES: dict[str, Rule] = {
    rule.code: rule for name in NAMES for rule in [import_module(f"dagproof.rules.{name}").RULE]
}
OF_REPOSITORIES = {"DP121", "DP123", "DP124", "DP125", "DP126"}
FILES = [file for code in RULES for file in sorted((FIXTURES / code).glob("*.py"))]


def read(path: Path) -> Reading:
    interpreter = Interpreter(
        Finder([path.parent], path.parent, LIBRARIES),
        lambda found: parse(found, found.name, found.read_bytes()),
        watched,
    )
    unit = interpreter.module(path)
    assert unit.source is not None
    return Reading(unit, unit.source)


def repository(*paths: Path, complete: bool = True) -> Repository:
    told = {path.name: facts(read(path), names=True) for path in paths}
    return Repository(told, [MANIFEST], complete)


def hits(code: str, path: Path) -> list[Hit]:
    evidence = repository(path) if code in OF_REPOSITORIES else read(path)
    return list(RULES[code].check(evidence))


def written(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text)
    return [folder / name for name in files]


def lines(found: Iterable[Hit]) -> list[tuple[str, int]]:
    return [(hit.span.path, hit.span.line) for hit in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_fixture_fires_where_it_says(path: Path) -> None:
    expected: Counter[int] = Counter()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = EXPECTED.search(line)
        if found:
            expected[number] += found.group(1).count(path.parent.name)
    found = hits(path.parent.name, path)
    assert Counter(hit.span.line for hit in found) == expected, [hit.message for hit in found]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_bad_example_is_found_and_good_is_clean(rule: Rule, tmp_path: Path) -> None:
    for name, text in (("bad", rule.bad), ("good", rule.good)):
        [path] = written(tmp_path, {f"{name}_dag.py": text})
        found = hits(rule.code, path)
        assert bool(found) is (name == "bad"), found
        assert not any(hit.message.endswith(".") for hit in found)


@pytest.mark.parametrize("name", NAMES)
def test_file_is_named_by_code_and_slug(name: str) -> None:
    rule = import_module(f"dagproof.rules.{name}").RULE
    assert name == f"{rule.code.lower()}_{rule.slug.replace('-', '_')}"


@pytest.mark.parametrize("code", RULES)
def test_rule_has_fixtures(code: str) -> None:
    assert list((FIXTURES / code).glob("*.py"))


def test_a_secret_is_not_in_the_message(tmp_path: Path) -> None:
    for path in sorted((FIXTURES / "DP114").glob("*.py")):
        for hit in hits("DP114", path):
            assert "k7Gq" not in hit.message
            assert "9f86d0" not in hit.message


def test_calling_an_uncalled_dag_mends_the_file(tmp_path: Path) -> None:
    for end in ("\n", ""):
        [path] = written(tmp_path, {"dag.py": RULES["DP120"].bad.rstrip("\n") + end})
        [hit] = hits("DP120", path)
        [edit] = hit.edits
        text = path.read_text().split("\n")
        assert (edit.span.line, edit.span.column) == (len(text), len(text[-1]) + 1)
        assert path.read_text() + edit.text == RULES["DP120"].bad + "\n\nload()\n"


def test_duplicate_id_in_another_file_is_found_at_the_second_file(tmp_path: Path) -> None:
    text = 'from airflow.sdk import DAG\n\ndag = DAG("load")\n'
    told = repository(*written(tmp_path, {"b.py": text, "a.py": text}))
    [hit] = RULES["DP121"].check(told)
    assert lines([hit]) == [("b.py", 3)]
    assert hit.related[0].span.path == "a.py"
    assert told.excerpt(hit.span) == 'dag = DAG("load")'


def test_same_id_in_two_deployments_is_no_duplicate(tmp_path: Path) -> None:
    text = 'from airflow.sdk import DAG\n\ndag = DAG("load")\n'
    [path] = written(tmp_path, {"a.py": text})
    told = facts(read(path))
    for one, other in (("x/dags", "y/dags"), ("x", "y")):
        paths = (f"{one}/a.py", f"{other}/b.py")
        files = {at: type(told)(**{**_fields(told), "path": at}) for at in paths}
        assert not list(RULES["DP121"].check(Repository(files)))


def _fields(told: object) -> dict[str, object]:
    return {name: getattr(told, name) for name in told.__slots__}  # type: ignore[attr-defined]


def test_targets_are_not_judged_when_some_files_were_not_read(tmp_path: Path) -> None:
    [path] = written(tmp_path, {"dag.py": RULES["DP123"].bad})
    assert list(RULES["DP123"].check(repository(path)))
    assert not list(RULES["DP123"].check(repository(path, complete=False)))


def test_targets_are_judged_by_the_dags_that_were_seen(tmp_path: Path) -> None:
    path = FIXTURES / "DP123" / "unknown_dags.py"
    told = repository(path)
    assert not list(RULES["DP123"].check(told))
    told = Repository(told.facts, complete=True, seen=SeenDags({"load": path.name}))
    [hit] = RULES["DP123"].check(told)
    assert lines([hit]) == [(path.name, 7)]
    assert hit.message == "The repository has no DAG `lod`; the nearest is `load`"
    told = Repository(told.facts, complete=True, seen=SeenDags({"lod": path.name}))
    assert not list(RULES["DP123"].check(told))


def test_targets_are_not_judged_where_no_dag_is_known_at_all(tmp_path: Path) -> None:
    told = repository(FIXTURES / "DP123" / "unknown_dags.py")
    assert not list(RULES["DP123"].check(Repository(told.facts, complete=True, seen=SeenDags({}))))


def test_tasks_of_a_dag_that_was_seen_elsewhere_are_not_judged(tmp_path: Path) -> None:
    path = FIXTURES / "DP123" / "targets.py"
    told = repository(path)
    for makers, expected in (({"refresh": path.name}, [7, 13]), ({"refresh": "b.py"}, [7])):
        whole = Repository(told.facts, complete=True, seen=SeenDags(makers))
        assert [line for _, line in lines(RULES["DP123"].check(whole))] == expected


def test_tasks_of_a_module_that_others_import_are_not_judged(tmp_path: Path) -> None:
    text = RULES["DP123"].good.replace("TriggerDagRunOperator", "ExternalTaskMarker")
    text = text.replace('trigger_dag_id="load"', 'external_dag_id="load", external_task_id="nxt"')
    [path] = written(tmp_path, {"dag.py": text})
    told = facts(read(path))
    for imported in (False, True):
        files = {"dag.py": type(told)(**{**_fields(told), "imported": imported})}
        found = list(RULES["DP123"].check(Repository(files, complete=True)))
        assert bool(found) is not imported


def test_a_dag_in_a_module_that_others_import_may_be_called_there(tmp_path: Path) -> None:
    [path] = written(tmp_path, {"dag.py": RULES["DP120"].bad})
    reading = read(path)
    assert list(RULES["DP120"].check(reading))
    assert not list(RULES["DP120"].check(Reading(reading.unit, reading.source, imported=True)))


@pytest.mark.parametrize("code", ["DP124", "DP125", "DP126"])
def test_names_are_not_judged_without_a_manifest(code: str, tmp_path: Path) -> None:
    [path] = written(tmp_path, {"dag.py": RULES[code].bad})
    told = {path.name: facts(read(path), names=True)}
    assert not list(RULES[code].check(Repository(told)))
    silent = Manifest("dev.yaml", None, None, None)
    assert not list(RULES[code].check(Repository(told, [silent])))


def test_the_manifests_that_lack_a_name_are_told(tmp_path: Path) -> None:
    [path] = written(tmp_path, {"dag.py": RULES["DP124"].bad})
    told = {path.name: facts(read(path), names=True)}
    whole = Manifest("env/dev.yaml", frozenset({"undeclared"}), None, None)
    short = Manifest("env/prod.yaml", frozenset({"undeclare"}), None, None)
    [hit] = RULES["DP124"].check(Repository(told, [whole, short]))
    assert hit.message == (
        "The pool `undeclared` is not declared in `prod.yaml`; the nearest is `undeclare`"
    )
