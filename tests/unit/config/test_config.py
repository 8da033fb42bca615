"""`[tool.dagproof]` is read whole, and every complaint names file and key."""

import re
from pathlib import Path

import pytest

from dagproof.config import ConfiguredRun, load_settings
from dagproof.model import UsageError


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "pyproject.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


_OF_RUNS = "`tool.dagproof.runs` must be tables with a `dag`, and perhaps tables `conf` and `stubs`"


def load(root, table):
    (root / "pyproject.toml").write_text(f"[tool.dagproof]\n{table}\n", encoding="utf-8")
    return load_settings(root)


def complaint(root, table):
    with pytest.raises(UsageError) as caught:
        load(root, table)
    return str(caught.value).removeprefix(f"{root / 'pyproject.toml'}: ")


def test_folder_without_pyproject_has_defaults_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "is_file", lambda _: False)  # whatever lies above tmp_path
    settings = load_settings(tmp_path)

    assert settings.root == tmp_path
    assert settings.dags == ((tmp_path / "dags").resolve(),)
    assert settings.plugins is None
    assert settings.env == {}
    assert settings.services is None
    assert settings.pythonpath == ()
    assert settings.runs == ()
    assert settings.timeout == 1800
    assert settings.declared is False


def test_pyproject_of_another_tool_declares_nothing(write, tmp_path):
    write("[tool.ruff]\nline-length = 100\n")

    assert load_settings(tmp_path).declared is False


def test_empty_table_is_a_declaration(tmp_path):
    assert load(tmp_path, "").declared is True


def test_everything_that_a_table_says_is_read(tmp_path):
    (tmp_path / "extra").mkdir()
    settings = load(
        tmp_path,
        """
        dags = ["pipelines", "more/dags"]
        plugins = "extra"
        env = { ENV = "dev" }
        services = ["postgres", "s3"]
        timeout = 90
        runs = [{ dag = "a", conf = { year = 2023 } }, { dag = "b", stubs = { load = [1] } }]
        """,
    )

    assert settings.dags == (tmp_path / "pipelines", tmp_path / "more" / "dags")
    assert settings.plugins == tmp_path / "extra"
    assert settings.env == {"ENV": "dev"}
    assert settings.services == ("postgres", "s3")
    assert settings.runs == (
        ConfiguredRun("a", {"year": 2023}),
        ConfiguredRun("b", {}, {"load": [1]}),
    )
    assert settings.timeout == 90
    assert isinstance(settings.timeout, float)


def test_settings_are_found_from_a_folder_below(tmp_path):
    load(tmp_path, "timeout = 5")
    below = tmp_path / "dags" / "taxi"
    below.mkdir(parents=True)

    assert (load_settings(below).root, load_settings(below).timeout) == (tmp_path, 5)


def test_nearest_pyproject_wins(tmp_path):
    load(tmp_path, "timeout = 5")
    below = tmp_path / "inner"
    below.mkdir()
    load(below, "timeout = 6")

    assert load_settings(below).timeout == 6


def test_folder_named_pyproject_is_passed_over(tmp_path):
    load(tmp_path, "timeout = 5")
    below = tmp_path / "inner"
    (below / "pyproject.toml").mkdir(parents=True)

    assert load_settings(below).root == tmp_path


def test_plugins_folder_that_nobody_named_may_be_missing(tmp_path):
    assert load(tmp_path, "").plugins is None


def test_plugins_folder_that_is_named_must_be_there(tmp_path):
    with pytest.raises(UsageError, match=r"`tool.dagproof.plugins` must be a folder that is there"):
        load(tmp_path, 'plugins = "nowhere"')


def test_plugins_folder_is_found_without_being_named(tmp_path):
    (tmp_path / "plugins").mkdir()

    assert load(tmp_path, "").plugins == tmp_path / "plugins"


def test_folders_out_of_the_repository_are_made_absolute(tmp_path):
    root = tmp_path / "repo"
    root.mkdir()

    assert load(root, 'dags = ["../shared"]').dags == (tmp_path / "shared",)


def test_postgres_is_there_even_when_not_asked_for(tmp_path):
    assert load(tmp_path, 'services = ["mlflow"]').services == ("postgres", "mlflow")


def test_services_come_in_one_order_and_once(tmp_path):
    listed = 'services = ["s3", "mlflow", "s3", "postgres"]'

    assert load(tmp_path, listed).services == ("postgres", "mlflow", "s3")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('dags = "dags"', "`tool.dagproof.dags` must be a list of folders, not 'dags'."),
        ("dags = []", "`tool.dagproof.dags` must be a list of folders, not []."),
        ('dags = ["a", 1]', "`tool.dagproof.dags` must be a list of folders, not ['a', 1]."),
        ("plugins = ['p']", "`tool.dagproof.plugins` must be a folder that is there, not ['p']."),
        ("env = 'A=1'", "`tool.dagproof.env` must be a table of strings, not 'A=1'."),
        ("env = { N = 3 }", "`tool.dagproof.env.N` must be a string without NUL, not 3."),
        (
            'env = { N = "a\\u0000" }',
            "`tool.dagproof.env.N` must be a string without NUL, not 'a\\x00'.",
        ),
        ('env = { "A=B" = "c" }', "`tool.dagproof.env` must be a table of names without `=`"),
        ('env = { "" = "c" }', "`tool.dagproof.env` must be a table of names without `=`"),
        ('env = { "\\u0000" = "c" }', "`tool.dagproof.env` must be a table of names without `=`"),
        (
            "services = ['redis']",
            "`tool.dagproof.services` must be a list of postgres, mlflow, s3, not ['redis'].",
        ),
        ("services = 's3'", "`tool.dagproof.services` must be a list of postgres, mlflow, s3"),
        ("runs = 'a'", "`tool.dagproof.runs` must be a list of tables, not 'a'."),
        (
            "runs = ['a']",
            f"{_OF_RUNS}, not 'a'.",
        ),
        ("runs = [{ conf = {} }]", "`tool.dagproof.runs` must be tables with a `dag`"),
        ("runs = [{ dag = 3 }]", "`tool.dagproof.runs` must be tables with a `dag`"),
        ("runs = [{ dag = 'a', conf = 3 }]", "`tool.dagproof.runs` must be tables with a `dag`"),
        ("runs = [{ dag = 'a', stubs = 3 }]", "`tool.dagproof.runs` must be tables with a `dag`"),
        (
            "runs = [{ dag = 'a', x = 3 }]",
            _OF_RUNS + ", not {'dag'",
        ),
        (
            "folders = ['a']",
            "there is no key `tool.dagproof.folders`; use dags, plugins, env, services, backend",
        ),
    ],
)
def test_complaint_names_key_and_value(tmp_path, table, expected):
    assert complaint(tmp_path, table).startswith(expected)


@pytest.mark.parametrize(
    "value", ["0", "-1", "true", "'60'", "nan", "inf", "1_000_000_001", "1" + "0" * 400]
)
def test_timeout_must_be_seconds_that_a_clock_can_count(tmp_path, value):
    expected = "`tool.dagproof.timeout` must be a number of seconds above 0 and up to 1e+09, not "

    assert complaint(tmp_path, f"timeout = {value}").startswith(expected)


@pytest.mark.parametrize("value", ["0.5", "1e9"])
def test_timeout_at_the_edge_is_taken(tmp_path, value):
    assert load(tmp_path, f"timeout = {value}").timeout == float(value)


def test_dagproof_must_be_a_table(write, tmp_path):
    file = write("[tool]\ndagproof = true\n")

    with pytest.raises(UsageError, match=rf"^{re.escape(str(file))}: `tool.dagproof` must be a t"):
        load_settings(tmp_path)


def test_tool_must_be_a_table(write, tmp_path):
    file = write("tool = 3  # dagproof\n")

    with pytest.raises(UsageError, match=rf"^{re.escape(str(file))}: `tool` must be a table, not"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    "content", [b"[tool.dagproof\n", b"#dagproof\xff\xfe", b'dagproof = "\xe9"']
)
def test_file_that_is_no_toml_is_named(tmp_path, content):
    file = tmp_path / "pyproject.toml"
    file.write_bytes(content)

    with pytest.raises(UsageError, match=rf"^{re.escape(str(file))} is no valid TOML: "):
        load_settings(tmp_path)


def test_file_that_says_nothing_of_us_is_not_parsed(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.other\n")

    assert not load_settings(tmp_path).declared


def test_file_that_cannot_be_read_is_named(write, tmp_path, monkeypatch):
    file = write("")
    refusal = PermissionError(13, "Permission denied")

    def refuse(*_, **__):
        raise refusal

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path)
    assert str(caught.value) == f"{file} cannot be read: Permission denied."


def test_pythonpath_is_absolute(tmp_path):
    (tmp_path / "include").mkdir()

    assert load(tmp_path, 'pythonpath = [".", "include"]').pythonpath == (
        tmp_path,
        tmp_path / "include",
    )


def test_pythonpath_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"`tool.dagproof.pythonpath` must be a list of folders"):
        load(tmp_path, 'pythonpath = ["nowhere"]')
