"""Blocks of a page are found as a reader sees them, and a page is compared with what is printed."""

import ast
import json
import re
import tomllib

import pytest
import yaml
from unit.docs.blocks import ROOT, Block, Command, Marker, blocks, commands, name_of, pages, parts
from unit.docs.shown import differs

from dagproof.config import load_settings

PAGES = {name_of(page): page for page in pages()}
BLOCKS = [
    pytest.param(block, id=f"{name}:{block.line}")
    for name, page in PAGES.items()
    for block in blocks(page)
]


def of(*languages):
    return [each for each in BLOCKS if each.values[0].language in languages]


def test_blocks_markers_and_files_are_found_in_their_order():
    text = (
        '<!-- docs: repository=a exit=1,0 -->\n```python title="dags/a.py"\nA = 1\n```\n'
        "1. item\n\n    ```sh\n    ls\n    ```\n~~~~python\n# dags/b.py\nB = 1\n```\n~~~~\n"
    )

    marker, titled, nested, tilde = parts(text)

    assert (marker.repository, marker.exits, marker.hidden) == ("a", (1, 0), "")
    assert (titled.line, titled.file) == (3, ("dags/a.py", "A = 1\n"))
    assert (nested.language, nested.text, nested.file) == ("sh", "ls\n", None)
    assert tilde.file == ("dags/b.py", "B = 1\n```\n")


def test_hidden_command_is_no_repository():
    marker = Marker(1, "$ git commit --message 'repository=x exit=1'")

    assert (marker.hidden, marker.repository, marker.exits) == (
        "git commit --message 'repository=x exit=1'", "", (),
    )  # fmt: skip


def test_block_that_is_never_closed_is_refused():
    with pytest.raises(ValueError, match="line 2 is never closed"):
        parts("text\n```sh\nls\n")


def test_commands_go_on_behind_a_backslash_and_have_what_they_print():
    block = Block(10, "console", "", "$ ls \\\n    -l\nb\n\n$ pwd\n")

    assert commands(block) == [Command(10, "ls \\\n    -l", ["b", ""]), Command(14, "pwd")]


def test_each_line_of_a_script_is_a_command():
    block = Block(3, "bash", "", "# first\nls\n\npwd\n")

    assert commands(block) == [Command(4, "ls"), Command(6, "pwd")]
    assert commands(Block(3, "python", "", "ls\n")) == []


def test_output_without_a_command_is_refused():
    with pytest.raises(ValueError, match="Line 7 is printed by no command"):
        commands(Block(7, "console", "", "what?\n"))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["a", "…", "z"], "a\nb\nc\nz\n"),
        (["a", "…", "z"], "a\nz\n"),
        (["at …:3"], "at dags/x.py:3"),
        (["ran in 1.5 s"], "ran in 0.3 s"),
        (["[  1.0 s] B", "out"], "[  0.1 s] A\nout\n[  2.0 s] B\n"),
        (["out"], "[  0.1 s] A\nout\n  … load\n"),
        (["seconds  x", "  0.10    y"], "seconds   x\n  12.31   y\n"),
        (["http://127.0.0.1:80/"], "http://127.0.0.1:46707/"),
    ],
)
def test_what_differs_from_run_to_run_is_no_difference(shown, printed):
    assert differs(shown, printed) == ""


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["a", "z"], "a\nb\nz\n"),
        (["a", "…", "z"], "a\nb\n"),
        (["2 errors"], "1 error"),
        (["[  1.0 s] C", "out"], "[  0.1 s] A\nout\n"),
        (["a.c"], "abc"),
    ],
)
def test_anything_else_is_a_difference(shown, printed):
    assert differs(shown, printed)


@pytest.mark.parametrize("block", of("python"))
def test_python_on_a_page_compiles(block):
    ast.parse(block.text)


@pytest.mark.parametrize("block", of("yaml", "yml"))
def test_yaml_on_a_page_is_yaml(block):
    assert list(yaml.safe_load_all(block.text))


@pytest.mark.parametrize("block", of("json"))
def test_json_on_a_page_is_json(block):
    json.loads(block.text)


@pytest.mark.parametrize("block", of("toml"))
def test_settings_on_a_page_are_accepted(block, tmp_path):
    tomllib.loads(block.text)
    for folder in ("dags", "plugins"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "pyproject.toml").write_text(block.text, encoding="utf-8")

    settings = load_settings(tmp_path)

    assert settings.declared == ("[tool.dagproof" in re.sub(r"#.*", "", block.text))


def test_there_are_blocks_of_each_kind():
    kinds = {each.values[0].language for each in BLOCKS}

    assert {"python", "yaml", "toml", "json", "console", "diff"} <= kinds
    assert ROOT / "README.md" in PAGES.values()
