"""Whatever cannot be read is one finding and one error, and everything else is still read."""

import errno
import os
import re
from pathlib import Path

import pytest

from dagproof.model import UsageError

OFFENDER = """\
import requests
from airflow.sdk import dag

requests.get("https://example.com")
"""

UNREADABLE = {
    "syntax error": (b"from airflow.sdk import dag\ndef broken(:\n", 2, "invalid syntax"),
    "unclosed bracket": (b"from airflow.sdk import dag\nx = (1,\n", 2, "was never closed"),
    "wrong indentation": (b"from airflow.sdk import dag\n    x = 1\n", 2, "unexpected indent"),
    "NUL bytes": (b"from airflow.sdk import dag\nx = 1\0\n", None, "null bytes"),
    "Latin-1": (b"from airflow.sdk import dag\nx = 'Z\xfcrich'\n", None, "not UTF-8"),
    "unknown encoding": (b"# coding: klingon\nfrom airflow.sdk import dag\n", None, "klingon"),
    "Python 2": (b"from airflow import DAG\nprint 'hello'\n", 2, "parentheses"),
    "deep nesting": (b"from airflow.sdk import dag\nx = " + b"(" * 5000 + b")" * 5000, None, ""),
    "deep attributes": (b"from airflow.sdk import dag\nx = a" + b".b" * 100_000, None, "deep"),
    "lone surrogate": (b"from airflow.sdk import dag\nx = '\xed\xa0\x80'\n", None, "not UTF-8"),
}


@pytest.fixture
def offender(repository):
    """A file with a finding of its own, which has to be found whatever lies beside it."""
    repository.add("dags/zz_offender.py", OFFENDER)
    return ("dags/zz_offender.py", 4, "DP102")


@pytest.mark.parametrize(("content", "line", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_file_that_is_no_python_is_one_finding_and_one_error(
    repository, offender, content, line, why
):
    repository.add("dags/bad.py", content)

    report = repository.lint()

    bad, other = report.findings
    assert (bad.span.path, bad.code) == ("dags/bad.py", "DP100")
    assert line in {None, bad.span.line}
    assert why in bad.message
    assert (other.span.path, other.span.line, other.code) == offender
    assert [error.path for error in report.errors] == ["dags/bad.py"]
    assert why in report.errors[0].message
    assert not report.clean


def test_latin_1_in_a_comment_is_one_finding_too(repository, offender):
    repository.add("dags/bad.py", b"from airflow.sdk import dag\n# Z\xfcrich\n")

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [
        ("dags/bad.py", "DP100"),
        (offender[0], "DP102"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + OFFENDER.encode(),
        b"# -*- coding: latin-1 -*-\n" + OFFENDER.replace("com", "com/\xfc").encode("latin-1"),
        OFFENDER.replace("\n", "\r\n").encode(),
        OFFENDER.replace("\n", "\r").encode(),
        OFFENDER.rstrip("\n").encode(),
        b"\f" + OFFENDER.encode(),
    ],
    ids=["BOM", "Latin-1 that says so", "CRLF", "CR", "no newline at the end", "form feed"],
)
def test_unusual_file_that_python_can_read_is_read(repository, content):
    repository.add("dags/odd.py", content)

    report = repository.lint()

    assert [finding.code for finding in report.findings] == ["DP102"]
    assert report.findings[0].excerpt.startswith("requests.get(")
    assert report.errors == ()


def test_empty_file_that_is_named_is_clean(repository):
    report = repository.lint(repository.add("dags/empty.py", b""))

    assert (report.findings, report.errors, report.files) == ((), (), 1)


def test_utf_16_file_that_is_named_is_one_finding(repository):
    named = repository.add("dags/wide.py", OFFENDER.encode("utf-16"))

    report = repository.lint(named)

    assert [finding.code for finding in report.findings] == ["DP100"]
    assert [error.path for error in report.errors] == ["dags/wide.py"]


def test_folder_named_like_a_file_is_one_finding_and_what_it_holds_is_read(repository):
    repository.add("dags/x.py/inner.py", OFFENDER)

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [
        ("dags/x.py", "DP100"),
        ("dags/x.py/inner.py", "DP102"),
    ]
    assert [error.path for error in report.errors] == ["dags/x.py"]


def test_broken_link_is_one_finding(repository, offender):
    (repository.root / "dags" / "gone.py").symlink_to("nowhere.py")

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [
        ("dags/gone.py", "DP100"),
        (offender[0], "DP102"),
    ]
    assert [error.path for error in report.errors] == ["dags/gone.py"]


def test_link_to_itself_is_one_finding(repository, offender):
    (repository.root / "dags" / "loop.py").symlink_to("loop.py")
    (repository.root / "dags" / "folder").symlink_to(".")

    report = repository.lint()

    assert [one.span.path for one in report.findings] == ["dags/loop.py", offender[0]]
    assert [error.path for error in report.errors] == ["dags/loop.py"]


def test_pipe_is_one_finding_and_is_not_waited_for(repository, offender):
    os.mkfifo(repository.root / "dags" / "pipe.py")

    report = repository.lint()

    assert [one.span.path for one in report.findings] == ["dags/pipe.py", offender[0]]
    assert [error.path for error in report.errors] == ["dags/pipe.py"]


def test_pipe_that_is_named_is_one_finding(repository):
    pipe = repository.root / "pipe.py"
    os.mkfifo(pipe)

    report = repository.lint(pipe)

    assert [one.code for one in report.findings] == ["DP100"]
    assert [error.path for error in report.errors] == ["pipe.py"]


def test_file_without_permission_is_one_finding(repository, offender, monkeypatch):
    secret = repository.add("dags/secret.py", OFFENDER)
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != str(secret) and access(path, mode)
    )

    report = repository.lint()

    assert [one.span.path for one in report.findings] == ["dags/secret.py", offender[0]]
    assert "permission denied" in report.errors[0].message


def test_file_that_vanishes_before_it_is_read_is_one_finding(repository, offender, monkeypatch):
    gone = repository.add("dags/gone.py", OFFENDER)
    unlink_when_asked(monkeypatch, gone)

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [
        ("dags/gone.py", "DP100"),
        (offender[0], "DP102"),
    ]
    assert [error.path for error in report.errors] == ["dags/gone.py"]


def test_named_file_that_vanishes_before_it_is_read_is_one_finding(repository, monkeypatch):
    gone = repository.add("dags/gone.py", OFFENDER)
    unlink_when_asked(monkeypatch, gone)

    report = repository.lint(gone)

    assert [(one.span.path, one.code) for one in report.findings] == [("dags/gone.py", "DP100")]
    assert [error.path for error in report.errors] == ["dags/gone.py"]


def unlink_when_asked(monkeypatch, gone):
    """Remove a file between its being found and its being read."""
    access = os.access

    def vanishing(path, mode):
        allowed = access(path, mode)
        if str(path) == str(gone):
            gone.unlink()
        return allowed

    monkeypatch.setattr(os, "access", vanishing)


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        os.mkdir,
        lambda path: path.symlink_to("nowhere"),
    ],
    ids=["pipe", "folder", "broken link"],
)
def test_helper_that_is_no_file_is_one_finding_though_it_is_imported(repository, offender, make):
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\nhelper.load()\n")
    make(repository.root / "dags" / "helper.py")

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [
        ("dags/helper.py", "DP100"),
        (offender[0], "DP102"),
    ]
    assert [error.path for error in report.errors] == ["dags/helper.py"]


@pytest.fixture
def locked_helper(repository, monkeypatch):
    """A module that two DAG files import and nobody may read."""
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\n")
    repository.add("dags/b.py", "import helper\nfrom airflow.sdk import dag\n")
    helper = repository.add("dags/helper.py", OFFENDER)
    read_bytes, access = Path.read_bytes, os.access

    def refusing(path):
        if path == helper:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != str(helper) and access(path, mode)
    )


def test_helper_that_nobody_may_read_is_one_finding(repository, locked_helper):
    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [("dags/helper.py", "DP100")]
    assert [error.path for error in report.errors] == ["dags/helper.py"]


def test_helper_that_nobody_may_read_is_one_finding_of_the_file_that_imports_it(
    repository, locked_helper
):
    report = repository.lint(repository.root / "dags" / "a.py")

    assert [(one.span.path, one.code) for one in report.findings] == [("dags/helper.py", "DP100")]
    assert [error.path for error in report.errors] == ["dags/helper.py"]


def test_helper_that_is_no_python_is_one_finding_though_two_files_import_it(repository):
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\n")
    repository.add("dags/b.py", "import helper\nfrom airflow.sdk import dag\n")
    repository.add("dags/helper.py", "def broken(:\n")

    report = repository.lint()

    assert [(one.span.path, one.code) for one in report.findings] == [("dags/helper.py", "DP100")]
    assert [error.path for error in report.errors] == ["dags/helper.py"]


def test_file_that_airflow_would_not_import_is_not_parsed(repository, offender):
    repository.add("dags/notes.py", "this is no Python, and names neither\n")

    assert repository.found() == [offender]


def test_import_cycle_ends_and_hides_nothing(repository):
    repository.add(
        "dags/one.py",
        """\
        import requests
        import two
        from airflow.sdk import dag

        requests.get("https://example.com/1")
        """,
    )
    repository.add(
        "dags/two.py",
        """\
        import requests
        import one

        requests.get("https://example.com/2")
        """,
    )

    assert repository.found() == [("dags/one.py", 5, "DP102"), ("dags/two.py", 4, "DP102")]


def test_file_that_imports_itself_is_read_once(repository):
    repository.add("dags/me.py", OFFENDER + "import me\n")

    assert repository.found() == [("dags/me.py", 4, "DP102")]


def test_recursion_ends(repository):
    repository.add(
        "dags/rec.py",
        """\
        import requests
        from airflow.sdk import dag

        def walk(n):
            requests.get(f"https://example.com/{n}")
            return walk(n + 1)

        walk(0)
        """,
    )

    assert repository.found() == [("dags/rec.py", 5, "DP102")]


@pytest.mark.parametrize(
    "name",
    ["with blank.py", "zürich.py", "a:b.py", "a\nb.py", "-rf.py", "[x].py", "'quoted\".py", "%.py"],
)
def test_odd_name_is_kept(repository, name):
    repository.add(f"dags/{name}", OFFENDER)

    assert repository.found() == [(f"dags/{name}", 4, "DP102")]


def test_name_that_is_not_utf_8_is_kept(repository):
    name = os.fsdecode(b"dags/z\xfcrich.py")
    repository.add(name, OFFENDER)

    assert repository.found() == [(name, 4, "DP102")]


def test_path_that_is_not_there_is_refused(repository):
    with pytest.raises(UsageError, match=re.escape("There is no file or folder nowhere.py")):
        repository.lint(Path("nowhere.py"))


@pytest.mark.parametrize("key", ["select", "ignore"])
def test_unknown_code_in_the_settings_is_refused_with_the_nearest(repository, key):
    repository.configure(f'{key} = ["DP102x"]')

    with pytest.raises(UsageError, match=f"tool.dagproof.{key}.*`DP102x`; did you mean `DP102`"):
        repository.lint()


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ('per-file-ignores = { "dags/*" = ["netwrok-call-at-import"] }', "per-file-ignores"),
        ('severity = { netwrok-call-at-import = "note" }', "severity"),
    ],
)
def test_unknown_slug_in_the_settings_is_refused_with_the_nearest(
    repository, offender, table, where
):
    repository.configure(table)

    with pytest.raises(UsageError, match=f"{where}.*did you mean `network-call-at-import`"):
        repository.lint()


def test_unknown_code_on_the_command_line_is_refused_with_the_nearest(repository):
    with pytest.raises(UsageError, match="--select: there is no rule `DPX01`; did you mean `DP"):
        repository.lint(select=["DPX01"])
    with pytest.raises(UsageError, match=r"--ignore: .*did you mean `sleep-at-import`"):
        repository.lint(ignore=["sleep-at-imprt"])


def test_unknown_code_in_a_comment_is_a_finding_with_the_nearest(repository):
    repository.add("dags/a.py", OFFENDER.replace(")", ")  # dagproof: ignore[DP1O2] a test", 1))

    offence, comment = repository.lint().findings

    assert offence.code == "DP102"
    assert comment.code == "DP192"
    assert "`DP1O2`" in comment.message
    assert "`DP102`" in comment.message
    assert not repository.lint().clean
