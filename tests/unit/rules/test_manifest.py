"""Manifests are read in three formats, and complaints say what to do."""

import json
from pathlib import Path

import pytest

from dagproof.model import UsageError
from dagproof.rules.manifest import read


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dev.yaml", "pools: [a, b]\nvariables: {c: 1}\n"),
        ("dev.toml", 'pools = ["a", "b"]\n[variables]\nc = 1\n'),
        ("dev.json", json.dumps({"pools": ["a", "b"], "variables": {"c": 1}})),
    ],
)
def test_lists_and_mappings_declare_names(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    [manifest] = read([tmp_path / name])
    assert manifest.pools == {"a", "b"}
    assert manifest.variables == {"c"}
    assert manifest.connections is None


def test_an_empty_key_declares_that_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text("pools:\n")
    [manifest] = read([tmp_path / "dev.yaml"])
    assert manifest.pools == frozenset()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "pools: [a"),
        ("a.yaml", "- a\n"),
        ("a.yaml", ""),
        ("a.yaml", "pools: 3\n"),
        ("a.yaml", "pools: [1]\n"),
        ("a.toml", "pools = "),
        ("a.json", "{"),
    ],
)
def test_a_bad_file_is_a_wrong_question(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=name):
        read([tmp_path / name])


def test_a_file_that_is_not_there_or_no_text_is_a_wrong_question(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("a.yaml", "b.yaml"):
        with pytest.raises(UsageError, match=name):
            read([tmp_path / name])
