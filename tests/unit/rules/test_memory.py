"""What is remembered of a repository is what reading it anew would say, whatever happens to it."""

import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from linting import DAG, Found, found, report, written

from dagproof.lint import composition
from dagproof.model.cache import cache_folder
from dagproof.rules import memory, reader

GET = "requests.get('https://x')\n"
FILES = {
    "dags/one.py": f"{DAG}import helper\nhelper.ask()\n",
    "dags/two.py": f"{DAG}from pack import deep\ndeep.ask()\n",
    "dags/three.py": f"{DAG}import missing\nmissing.ask()\n",
    "dags/five.py": f"{DAG}import sys\nsys.path.append('x')\nimport far, farther\nfar.ask()\n",
    "else/one/far.py": "def ask(): pass\n",
    "dags/four.py": f"{DAG}import requests\n{GET}",
    "dags/pack/__init__.py": "",
    "dags/pack/deep.py": "import helper\n\ndef ask():\n    helper.ask()\n",
    "dags/helper.py": f"import requests\n\ndef ask():\n    return {GET}",
    "dags/lone.py": f"import requests\n{GET}",
}
BEFORE = [
    ("dags/four.py", 3, "DP102"),
    ("dags/helper.py", 4, "DP102"),
]


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(composition, "_FEW", 0)
    written(tmp_path / "repo", FILES)
    return tmp_path / "repo"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed."""
    names: list[str] = []
    parse = reader.parse

    def counting(path: Path, shown: str, data: bytes) -> object:
        names.append(path.name)
        return parse(path, shown, data)

    monkeypatch.setattr(reader, "parse", counting)
    return names


def run(top: Path, *, cached: bool = True, **options: object) -> Found:
    settings = {"dags": (top / "dags",), **options}
    return found(report(top, cached=cached, **settings), top)


def cache_file(top: Path) -> Path:
    [file] = (cache_folder(os.environ) / "lint").glob("*.pickle")
    return file


def test_a_second_run_parses_nothing_and_says_the_same(top: Path, parsed: list[str]) -> None:
    assert run(top) == BEFORE
    assert {"one.py", "two.py", "helper.py", "deep.py"} <= set(parsed)
    parsed.clear()
    assert run(top) == BEFORE
    assert parsed == []


def test_without_a_cache_nothing_is_written_and_everything_is_parsed(
    top: Path, parsed: list[str]
) -> None:
    run(top, cached=False)
    count = len(parsed)
    run(top, cached=False)
    assert len(parsed) == 2 * count
    assert not cache_folder(os.environ).exists()


def test_few_files_need_no_memory(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("DAGPROOF_CACHE", str(top.parent / "cache"))
    run(top)
    assert not cache_folder(os.environ).exists()


def test_only_what_a_change_touches_is_parsed_again(top: Path, parsed: list[str]) -> None:
    run(top)
    parsed.clear()
    written(top, {"dags/four.py": f"{DAG}\n\nimport requests\n{GET}"})
    assert ("dags/four.py", 5, "DP102") in run(top)
    assert parsed == ["four.py"]


def test_users_of_a_changed_helper_are_parsed_again(top: Path, parsed: list[str]) -> None:
    run(top)
    parsed.clear()
    written(top, {"dags/helper.py": "def ask():\n    return 1\n"})
    assert run(top) == [("dags/four.py", 3, "DP102")]
    assert set(parsed) == {"helper.py", "one.py", "two.py", "deep.py", "__init__.py"}


def edit(name: str, text: str) -> Callable[[Path], None]:
    return lambda top: written(top, {name: text})


def delete(*names: str) -> Callable[[Path], None]:
    def work(top: Path) -> None:
        for name in names:
            path = top / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return work


def rename(old: str, new: str) -> Callable[[Path], None]:
    return lambda top: (top / old).rename(top / new)


ASK = f"import os, requests\n\ndef ask():\n    os.mkdir('/x')\n    {GET}"
EDITS = {
    "nothing": lambda top: None,
    "a module far away changes": edit("else/one/far.py", ASK),
    "a module far away appears": edit("else/farther.py", f"{GET}{ASK}"),
    "a module far away is hidden by one nearer": edit("dags/deep/far.py", ASK),
    "a module far away is deleted": delete("else"),
    "helper changes": edit("dags/helper.py", ASK),
    "helper becomes harmless": edit("dags/helper.py", "def ask(): pass\n"),
    "helper is no Python": edit("dags/helper.py", "def ask(:\n"),
    "helper is deleted": delete("dags/helper.py"),
    "helper becomes a package": edit("dags/helper/__init__.py", ASK),
    "helper is hidden by one nearer": edit("dags/pack/helper.py", ASK),
    "helper is hidden by a root": edit("include/helper.py", ASK),
    "helper becomes a DAG file": edit("dags/helper.py", f"{FILES['dags/helper.py']}{DAG}ask()\n"),
    "missing module appears": edit("dags/missing.py", ASK),
    "missing module appears above": edit("missing.py", ASK),
    "missing package appears": edit("dags/missing/__init__.py", ASK),
    "namespace package appears": edit("dags/missing/ask.py", ASK),
    "submodule is deleted": delete("dags/pack/deep.py"),
    "submodule becomes a name": edit("dags/pack/__init__.py", "import helper as deep\n"),
    "package loses its file": delete("dags/pack/__init__.py"),
    "package does something": edit("dags/pack/__init__.py", f"import requests\n{GET}"),
    "package is deleted": delete("dags/pack"),
    "DAG file imports no more": edit("dags/one.py", DAG),
    "DAG file is deleted": delete("dags/one.py", "dags/two.py"),
    "DAG file is renamed": rename("dags/one.py", "dags/other.py"),
    "DAG file is no DAG file now": edit("dags/four.py", f"import requests\n{GET}"),
    "DAG file imports another": edit("dags/one.py", f"{DAG}import four, two, lone\n"),
    "new DAG file imports the lone one": edit("dags/new.py", f"{DAG}import lone\n"),
    "all change at once": lambda top: written(top, dict.fromkeys(FILES, f"{DAG}{GET}")),
    "a file is ignored": edit("dags/.airflowignore", "four.py\n"),
    "a comment asks": edit(
        "dags/four.py", f"{DAG}import requests\n{GET[:-1]}  # dagproof: ignore[DP102] why\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_memory_is_never_stale(name: str, top: Path) -> None:
    include = top / "include"
    include.mkdir()
    options = {"pythonpath": (include,)}
    assert run(top, **options) == BEFORE
    EDITS[name](top)
    fresh = run(top, cached=False, **options)
    assert run(top, **options) == fresh
    assert run(top, **options) == fresh


@pytest.mark.parametrize("start", range(3))
def test_memory_is_never_stale_along_many_edits(start: int, top: Path) -> None:
    before = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    for name in sorted(EDITS)[start::3]:
        EDITS[name](top)
        assert run(top) == run(top, cached=False), name
        shutil.rmtree(top)
        for path, data in before.items():
            written(path.parent, {path.name: data})
        assert run(top) == BEFORE, f"back from: {name}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"select": ["DP102"]}, {"select": ["DP109"]}),
        ({"select": ["DP109"]}, {"select": ["DP102"]}),
        ({"ignore": ("DP102",), "select": ()}, {"select": ["DP102"]}),
        ({}, {"pythonpath": ("include",)}),
        ({}, {"dags": ("dags/pack", "dags")}),
        ({"plugins": None}, {"plugins": "dags/pack"}),
        ({}, {"exclude": ("dags/four.py",)}),
        ({}, {"per_file_ignores": {"dags/four.py": ("DP102",)}}),
        ({}, {"select": ["ALL"], "manifests": ("env.toml",)}),
    ],
    ids=lambda options: "-".join(options) or "none",
)  # fmt: skip
def test_other_settings_are_other_records(one: dict, other: dict, top: Path) -> None:
    written(top, {"include/missing.py": ASK, "env.toml": "pools = []\n"})

    def absolute(options: dict) -> dict:
        given = dict(options)
        for key in ("pythonpath", "dags"):
            if key in given:
                given[key] = tuple(top / name for name in given[key])
        if given.get("plugins"):
            given["plugins"] = top / given["plugins"]
        return given

    for options in (one, other, one, other):
        given = absolute(options)
        assert run(top, **given) == run(top, cached=False, **given)


def test_another_folder_to_stand_in_shows_other_paths(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(top)
    run(top)
    monkeypatch.chdir(top / "dags")
    [*findings] = report(top, cached=True, dags=(top / "dags",)).findings
    assert [finding.span.path for finding in findings] == ["four.py", "helper.py"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"\x80\x05N.", b"\x80\x05K\x01K\x02\x86.", b"\x80\x05cos\nnothing\n.",
        b"\x80\x05cdagproof.nothing\nx\n.", b"\x80\x05]\x94h\x00.", b"\x80\xff", b"cut",
    ],
)  # fmt: skip
def test_a_damaged_file_costs_only_time(data: bytes, top: Path, parsed: list[str]) -> None:
    run(top)
    file = cache_file(top)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if data == b"cut" else data)
    parsed.clear()
    assert run(top) == BEFORE
    assert parsed
    parsed.clear()
    assert run(top) == BEFORE
    assert parsed == []


def test_another_dagproof_does_not_trust_the_file(
    top: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(top)
    parsed.clear()
    key = memory.key
    monkeypatch.setattr(memory, "key", lambda parts: f"{key(parts)}+")
    assert run(top) == BEFORE
    assert parsed


@pytest.mark.parametrize("what", ["file for a folder", "folder for the file", "no way in"])
def test_a_cache_that_cannot_be_written_is_left_alone(what: str, top: Path) -> None:
    run(top)
    folder, file = cache_file(top).parent, cache_file(top)
    shutil.rmtree(folder)
    if what == "file for a folder":
        folder.write_text("")
    elif what == "folder for the file":
        (file / "inner").mkdir(parents=True)
    else:
        folder.symlink_to("/proc/nowhere")
    assert run(top) == BEFORE
    assert run(top) == BEFORE
    if folder.is_dir():
        assert [path.suffix for path in folder.iterdir()] == [".pickle"], "scraps are left"


def test_a_write_that_breaks_off_leaves_no_scraps(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(top)
    old = cache_file(top).read_bytes()

    def interrupt(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(memory.pickle, "dumps", interrupt)
    written(top, {"dags/one.py": DAG})
    with pytest.raises(KeyboardInterrupt):
        run(top)
    assert cache_file(top).read_bytes() == old
    assert [path.suffix for path in cache_file(top).parent.iterdir()] == [".pickle"]


def _many(top: Path, cache: str, wrong: "multiprocessing.Queue[str]") -> None:
    os.environ["DAGPROOF_CACHE"] = cache
    composition._FEW = 0
    for turn in range(6):
        written(top, {f"dags/own{os.getpid()}.py": f"{DAG}x = {turn}\n"})
        if run(top) != BEFORE:
            wrong.put(f"{os.getpid()} in turn {turn}")


def test_two_processes_at_once_do_not_disturb_each_other(top: Path) -> None:
    ways = multiprocessing.get_context("fork")
    wrong: multiprocessing.Queue[str] = ways.Queue()
    others = [
        ways.Process(target=_many, args=(top, os.environ["DAGPROOF_CACHE"], wrong))
        for _ in range(2)
    ]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert [other.exitcode for other in others] == [0, 0]
    assert wrong.empty()
    assert run(top) == BEFORE
    assert [path.suffix for path in cache_file(top).parent.iterdir()] == [".pickle"]
