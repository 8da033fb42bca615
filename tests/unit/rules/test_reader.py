"""Modules are read once, and what they say is plain data."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from linting import DAG

from dagproof.model import Hit, Rule, Span
from dagproof.rules import READING
from dagproof.rules import reader as reader_module
from dagproof.rules.dp102_network_call_at_import import RULE as NETWORK
from dagproof.rules.reader import Reader, digest
from dagproof.rules.reading import Reading

GET = "import requests\nrequests.get('https://x')\n"


class Files:
    """A repository that counts how often each file is read."""

    def __init__(self, folder: Path, **texts: str) -> None:
        self.folder = folder
        self.reads: list[str] = []
        for name, text in texts.items():
            (folder / f"{name}.py").write_text(text)

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file."""
        self.reads.append(path.stem)
        return path.read_bytes()

    def reader(self, *entries: str, rules: tuple[Rule[Reading], ...] = READING) -> Reader:
        """Return a reader that takes some files for DAG files."""
        return Reader(
            [self.folder], self.folder, read=self.read, show=lambda path: path.name, rules=rules,
            entries={self.folder / f"{name}.py" for name in entries}, names=True, keep=True,
        )  # fmt: skip


def test_a_module_and_what_it_imports_are_read_once(tmp_path: Path) -> None:
    files = Files(tmp_path, a=f"{DAG}import c\n", b=f"{DAG}import c\n", c="import d\n", d=GET)
    reader = files.reader("a", "b")
    for name in "aba":
        reader.read(tmp_path / f"{name}.py")
    assert sorted(files.reads) == ["a", "b", "c", "d"]
    assert {path.stem for path in reader.records} == {"a", "b", "c", "d"}


def test_a_record_says_what_the_module_is_and_imports(tmp_path: Path) -> None:
    files = Files(tmp_path, a=f"{DAG}def f():\n    import c\nf()\n", c=GET)
    reader = files.reader("a")
    reader.read(tmp_path / "a.py")
    one, other = reader.records[tmp_path / "a.py"], reader.records[tmp_path / "c.py"]
    assert (one.shown, one.imported, other.imported) == ("a.py", False, True)
    assert one.digest == digest((tmp_path / "a.py").read_bytes())
    [(path, way)] = one.imports
    assert path == tmp_path / "c.py"
    assert [(step.span.line, step.message) for step in way] == [
        (4, "called here"), (3, "imported here")
    ]  # fmt: skip
    assert [finding.code for finding in other.findings] == ["DP102"]
    assert other.findings[0].excerpt == "requests.get('https://x')"
    assert one.findings == ()


def test_records_survive_pickling(tmp_path: Path) -> None:
    files = Files(tmp_path, a=f"{DAG}{GET}import b\n", b="x = (\n")
    reader = files.reader("a")
    reader.read(tmp_path / "a.py")
    assert pickle.loads(pickle.dumps(reader.records)) == reader.records  # noqa: S301 - our own
    assert reader.records[tmp_path / "b.py"].problem is not None


def test_a_file_that_cannot_be_read_has_a_problem(tmp_path: Path) -> None:
    reader = Files(tmp_path).reader("gone")
    reader.read(tmp_path / "gone.py")
    record = reader.records[tmp_path / "gone.py"]
    assert record.problem == "No such file or directory"
    assert [finding.code for finding in record.findings] == ["DP100"]


def test_a_dag_function_that_another_module_calls_is_named(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        a=f"{DAG}import b\nb.made()\n",
        b="from airflow.sdk import dag\n\n\n@dag\ndef made():\n    pass\n",
    )
    reader = files.reader("a", "b")
    reader.read(tmp_path / "a.py")
    called = reader.records[tmp_path / "a.py"].dags_called
    assert called == frozenset({Span("b.py", 5, 5, 5, 9)})
    assert reader.records[tmp_path / "b.py"].dags_called == frozenset()


def test_a_dag_function_that_is_handed_on_is_named_too(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        a=f"{DAG}import os, b\nos.register(b.made)\n",
        b="from airflow.sdk import dag\n\n\n@dag\ndef made():\n    pass\n",
    )
    reader = files.reader("a", "b")
    reader.read(tmp_path / "a.py")
    assert reader.records[tmp_path / "a.py"].dags_called == frozenset({Span("b.py", 5, 5, 5, 9)})


def test_comments_are_kept_where_there_are_any(tmp_path: Path) -> None:
    files = Files(tmp_path, a=f"{DAG}x = 1  # dagproof: ignore[DP102] known\n", b=DAG)
    reader = files.reader("a", "b")
    for name in "ab":
        reader.read(tmp_path / f"{name}.py")
    assert len(reader.records[tmp_path / "a.py"].ignores) == 1
    assert reader.records[tmp_path / "b.py"].ignores == ()


def test_facts_that_are_too_deep_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_deep(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(reader_module, "facts", too_deep)
    reader = Files(tmp_path, a=f"{DAG}{GET}").reader("a", rules=(NETWORK,))
    reader.read(tmp_path / "a.py")
    record = reader.records[tmp_path / "a.py"]
    assert record.facts is None
    assert [finding.code for finding in record.findings] == ["DP102"]


def _stumbles(reading: Reading) -> Iterator[Hit]:
    yield Hit(Span("a.py", 1, 1, 1, 1), "one hit comes before")
    raise RecursionError


@pytest.mark.parametrize("first", [True, False])
def test_a_rule_that_stumbles_does_not_end_the_others(first: bool, tmp_path: Path) -> None:
    broken = Rule(
        code="DP199", slug="broken-rule", severity=NETWORK.severity, kind=NETWORK.kind, on=True,
        why="It.", fix="It.", bad="", good="", check=_stumbles,
    )  # fmt: skip
    files = Files(tmp_path, a=f"{DAG}{GET}")
    rules = (broken, NETWORK) if first else (NETWORK, broken)
    reader = files.reader("a", rules=rules)
    reader.read(tmp_path / "a.py")
    found = reader.records[tmp_path / "a.py"].findings
    assert sorted(finding.code for finding in found) == ["DP100", "DP102", "DP199"]
    [told] = [finding for finding in found if finding.code == "DP100"]
    assert "DP199" in told.message
    assert "RecursionError" in told.message
