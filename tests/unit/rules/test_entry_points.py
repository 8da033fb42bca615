"""A name is the offence that the tables say it is, and a call also by what it is given."""

import ast
from pathlib import Path

import pytest
from linting import lines

from dagproof.rules.entry_points import (
    LIBRARIES,
    codes,
    import_seconds,
    offences,
    watched,
)
from dagproof.rules.reading import shown
from dagproof.source.file import parse
from dagproof.source.values import Event

SOURCE = parse(Path("/x.py"), "x.py", b"f()\n")
NODE = SOURCE.tree.body[0]


def event(name: str, *arguments: object, logged: bool = False, **named: object) -> Event:
    values = {
        key: value if isinstance(value, str) and value.endswith("()") else ast.Constant(value)
        for key, value in [*enumerate(arguments), *named.items()]
    }
    return Event(name, NODE, SOURCE, arguments=values, logged=logged)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("mlflow.set_experiment", "DP101"),
        ("requests.get", "DP102"),
        ("requests.Session().get", "DP102"),
        ("boto3.client", "DP102"),
        ("psycopg2.connect", "DP103"),
        ("airflow.models.Variable.get", "DP104"),
        ("airflow.sdk.Variable.get", "DP104"),
        ("os.makedirs", "DP105"),
        ("os.listdir", "DP106"),
        ("subprocess.run", "DP107"),
        ("os.environ.__setitem__", "DP108"),
        ("time.sleep", "DP109"),
        ("threading.Thread().start", "DP110"),
        ("datetime.datetime.now", "DP111"),
        ("import pandas", "DP112"),
        ("joblib.load", "DP113"),
    ],
)
def test_name_is_an_offence(name: str, code: str) -> None:
    assert codes(name) == {code}
    assert list(offences(event(name))) == [code]
    assert watched(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "requests", "requests.", ".get", "requests.get.x", "requests.Session", "import json",
        "os.environ.__getitem__", "os.environ.get", "os.path.exists", "import ", "json.dumps",
        "datetime.datetime", "threading.Thread", "myrequests.get", "requests.exceptions.HTTPError",
    ],
)  # fmt: skip
def test_name_is_none(name: str) -> None:
    assert codes(name) == frozenset()
    assert list(offences(event(name))) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["/x"], "DP106"), (["/x", "r"], "DP106"), (["/x", "rb"], "DP106"),
        (["/x", "w"], "DP105"), (["/x", "ab"], "DP105"), (["/x", "x"], "DP105"),
        (["/x", "r+"], "DP105"), (["/x", 3], "DP106"), (["/x", "mode()"], "DP106"),
    ],
)  # fmt: skip
def test_opening_reads_or_writes_as_its_mode_says(arguments: list[object], code: str) -> None:
    assert list(offences(event("builtins.open", *arguments))) == [code]
    assert watched("builtins.open")


def test_the_mode_may_be_named_and_stands_elsewhere_for_a_path() -> None:
    assert list(offences(event("builtins.open", "/x", mode="w"))) == ["DP105"]
    assert list(offences(event("pathlib.Path().open", "w"))) == ["DP105"]
    assert list(offences(event("pathlib.Path().open"))) == ["DP106"]
    assert list(offences(event("pathlib.Path().parent.open", mode="a"))) == ["DP105"]


def test_what_is_in_memory_is_no_file() -> None:
    opener = "zipfile.ZipFile"
    assert list(offences(event(opener, "/x"))) == ["DP106"]
    assert list(offences(event(opener, "io.BytesIO()"))) == []


def test_reading_from_an_address_is_the_network() -> None:
    assert list(offences(event("pandas.read_csv", "/x.csv"))) == ["DP106"]
    for scheme in ("http", "https", "ftp", "s3", "s3a", "gs", "gcs", "az"):
        assert list(offences(event("pandas.read_csv", f"{scheme}://x.csv"))) == ["DP102"]
    assert list(offences(event("pandas.read_csv", "file:///x.csv"))) == ["DP106"]
    assert list(offences(event("pandas.read_csv", 3))) == ["DP106"]


def test_a_time_that_is_logged_defines_nothing() -> None:
    assert list(offences(event("datetime.datetime.now", logged=True))) == []
    assert list(offences(event("requests.get", logged=True))) == ["DP102"]


def test_an_import_costs_what_its_nearest_package_costs() -> None:
    assert import_seconds("import pandas") > 0
    assert import_seconds("import pandas.core.frame") == import_seconds("import pandas")
    assert import_seconds("import json") == 0
    assert import_seconds("import pandasx") == 0
    assert not watched("import json")


def test_everything_of_airflow_is_watched() -> None:
    assert watched("airflow.sdk.DAG")
    assert not watched("airflow")
    assert not watched("airflowx.sdk.DAG")


def test_libraries_are_outermost_packages() -> None:
    assert {"requests", "pandas", "mlflow", "airflow"} <= LIBRARIES
    assert not any("." in name for name in LIBRARIES)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requests.get", "`requests.get()`"),
        ("import pandas", "`import pandas`"),
        ("os.environ.__setitem__", "`os.environ[...] = ...`"),
        ("os.environ.__delitem__", "`del os.environ[...]`"),
        ("os.environ.__ior__", "`os.environ |= ...`"),
    ],
)
def test_an_event_is_shown_as_code(name: str, text: str) -> None:
    assert shown(event(name)) == text


def test_each_write_to_the_environment_is_seen(tmp_path: Path) -> None:
    text = "import os\nos.environ['a'] = '1'\ndel os.environ['a']\nos.environ |= {}\n"
    text += "os.environ['a'] += '1'\nos.environ.update({})\nx = os.environ['a']\n"
    assert lines(tmp_path, text) == [(line, "DP108") for line in range(2, 7)]
