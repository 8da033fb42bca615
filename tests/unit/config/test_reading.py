"""What a repository says of rules and files is read whole, and complaints name file and key."""

from datetime import date

import pytest

from dagproof.config import Budgets, load_settings
from dagproof.model import Containers, UsageError


def load(root, table):
    (root / "pyproject.toml").write_text(f"[tool.dagproof]\n{table}\n", encoding="utf-8")
    return load_settings(root)


def test_nothing_said_means_the_defaults(tmp_path):
    settings = load(tmp_path, "")

    assert (settings.select, settings.ignore, settings.exclude, settings.manifests) == ((),) * 4
    assert (settings.per_file_ignores, settings.severity, settings.baseline) == ({}, {}, None)
    assert settings.allow == ()
    assert settings.budgets == Budgets(1.0, 30.0, 2048.0, 0.2, 1024.0)
    assert settings.pure == ()
    assert settings.xcoms == {}


def test_byte_order_mark_is_no_part_of_the_file(tmp_path):
    text = '[tool.dagproof]\nignore = ["DP112"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8-sig")
    assert load_settings(tmp_path).ignore == ("DP112",)


def test_everything_that_is_said_of_rules_is_read(tmp_path):
    settings = load(
        tmp_path,
        """
        select = ["DP1", "slow-import"]
        ignore = ["DP112"]
        exclude = ["dags/old/", "*_test.py"]
        baseline = "ci/../baseline.json"
        manifests = ["environments/*.yaml", "**/pools.toml"]
        [tool.dagproof.per-file-ignores]
        "dags/old/*.py" = ["DP101", "heavy-import"]
        [tool.dagproof.severity]
        DP112 = "note"
        heavy-import = "error"
        """,
    )

    assert settings.select == ("DP1", "slow-import")
    assert settings.ignore == ("DP112",)
    assert settings.exclude == ("dags/old/", "*_test.py")
    assert settings.baseline == tmp_path / "baseline.json"
    assert settings.manifests == ("environments/*.yaml", "**/pools.toml")
    assert settings.per_file_ignores == {"dags/old/*.py": ("DP101", "heavy-import")}
    assert settings.severity == {"DP112": "note", "heavy-import": "error"}


def test_everything_that_an_import_may_is_read(tmp_path):
    settings = load(
        tmp_path,
        """
        allow = ["network:rates.test", "subprocess"]
        [tool.dagproof.budgets]
        import-seconds = 2
        import-timeout = 60.5
        import-memory = 4096
        import-growth = 0.1
        """,
    )

    assert settings.allow == ("network:rates.test", "subprocess")
    assert settings.budgets == Budgets(
        import_seconds=2.0, import_timeout=60.5, import_memory=4096.0, import_growth=0.1
    )
    assert isinstance(settings.budgets.import_seconds, float)


@pytest.mark.parametrize(
    ("key", "others"),
    [
        ("seconds", (30.0, 2048.0, 0.2)),
        ("timeout", (1.0, 2048.0, 0.2)),
        ("memory", (1.0, 30.0, 0.2)),
        ("growth", (1.0, 30.0, 2048.0)),
    ],
)
def test_budget_that_is_not_named_keeps_its_default(tmp_path, key, others):
    budgets = load(tmp_path, f"budgets = {{ import-{key} = 7 }}").budgets
    told = [budgets.import_seconds, budgets.import_timeout]
    told += [budgets.import_memory, budgets.import_growth]

    assert getattr(budgets, f"import_{key}") == 7
    assert tuple(number for number in told if number != 7) == others


def test_everything_that_contracts_need_is_read(tmp_path):
    settings = load(
        tmp_path,
        """
        pure = ["etl.load", "etl.group.*"]
        [tool.dagproof.budgets]
        xcom-size = 48
        [tool.dagproof.xcoms]
        "etl.load" = [{ rows = 3 }, 2024-02-29]
        etl.group.save = [1.5]
        etl.group.none = []
        """,
    )

    assert settings.pure == ("etl.load", "etl.group.*")
    assert settings.budgets == Budgets(xcom_size=48.0)
    assert settings.xcoms == {
        "etl.load": ({"rows": 3}, date(2024, 2, 29)),
        "etl.group.save": (1.5,),
        "etl.group.none": (),
    }


def test_what_stands_behind_services_is_read(tmp_path):
    settings = load(
        tmp_path,
        """
        backend = "containers"
        containers = { postgres-image = "mirror/postgres:17", s3-port = 65535 }
        """,
    )

    assert settings.backend == "containers"
    assert settings.containers == Containers(postgres_image="mirror/postgres:17", s3_port=65535)


def test_what_may_differ_is_read(tmp_path):
    settings = load(tmp_path, 'repeatable-except = ["s3://b/*", "file:x", "table:t", "model:m"]')
    assert settings.repeatable_except == ("s3://b/*", "file:x", "table:t", "model:m")
    assert load(tmp_path, "").repeatable_except == ()


def test_codes_are_not_judged_here(tmp_path):
    assert load(tmp_path, 'select = ["nonsense"]').select == ("nonsense",)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            'select = "DP1"',
            "`tool.dagproof.select` must be a list of codes or slugs, such as `DP101`, not 'DP1'.",
        ),
        ("ignore = [1]", "`tool.dagproof.ignore` must be a list of codes or slugs, such as"),
        (
            "per-file-ignores = []",
            "`tool.dagproof.per-file-ignores` must be a table of globs, each with a list, not [].",
        ),
        (
            'per-file-ignores = { "a/*" = "DP1" }',
            "`tool.dagproof.per-file-ignores.'a/*'` must be a list of codes or slugs",
        ),
        ("severity = 'error'", "`tool.dagproof.severity` must be a table of codes or slugs"),
        (
            'severity = { DP101 = "fatal" }',
            "`tool.dagproof.severity.DP101` must be one of error, warning, note, not 'fatal'.",
        ),
        ("severity = { DP101 = ['note'] }", "`tool.dagproof.severity.DP101` must be one of"),
        ("exclude = 'old'", "`tool.dagproof.exclude` must be a list of globs, not 'old'."),
        ("baseline = 1", "`tool.dagproof.baseline` must be a file, not 1."),
        ("baseline = ''", "`tool.dagproof.baseline` must be a file, not ''."),
        ("baseline = '.'", "`tool.dagproof.baseline` must be a file, not '.'."),
        ('baseline = "a\\u0000"', "`tool.dagproof.baseline` must be a file, not 'a\\x00'."),
        ("manifests = 'a'", "`tool.dagproof.manifests` must be a list of globs below the folder"),
        ("manifests = ['/etc/*']", "`tool.dagproof.manifests` must be a list of globs below"),
        ("manifests = ['../*']", "`tool.dagproof.manifests` must be a list of globs below"),
        ("manifests = ['']", "`tool.dagproof.manifests` must be a list of globs below"),
        ("manifests = ['**.yaml']", "`tool.dagproof.manifests` must be a list of globs below"),
        (
            "allow = 'network'",
            "`tool.dagproof.allow` must be a list of strings such as `network:rates.test`, not 'n",
        ),
        ("allow = [1]", "`tool.dagproof.allow` must be a list of strings"),
        (
            "budgets = 1",
            (
                "`tool.dagproof.budgets` must be a table of import-seconds, import-timeout, "
                "import-memory, import-growth, xcom-size, not 1."
            ),
        ),
        (
            "budgets = { import_seconds = 1 }",
            (
                "there is no key `tool.dagproof.budgets.import_seconds`; use import-seconds, "
                "import-timeout, import-memory, import-growth, xcom-size."
            ),
        ),
        (
            "budgets = { import-seconds = '1' }",
            (
                "`tool.dagproof.budgets.import-seconds` must be a number of seconds above 0 and "
                "up to 1e+09, not '1'."
            ),
        ),
        ("budgets = { import-seconds = true }", "`tool.dagproof.budgets.import-seconds` must be"),
        ("budgets = { import-timeout = 0 }", "`tool.dagproof.budgets.import-timeout` must be"),
        ("budgets = { import-growth = -1 }", "`tool.dagproof.budgets.import-growth` must be"),
        (
            "budgets = { import-memory = inf }",
            (
                "`tool.dagproof.budgets.import-memory` must be a number of megabytes above 0 and "
                "up to 1e+09, not inf."
            ),
        ),
        (
            "backend = 'moon'",
            ("`tool.dagproof.backend` must be one of embedded, containers, external, not 'moon'."),
        ),
        ("backend = 1", "`tool.dagproof.backend` must be one of"),
        ("containers = []", "`tool.dagproof.containers` must be a table of postgres-image,"),
        (
            "containers = { mysql-image = 'x' }",
            "there is no key `tool.dagproof.containers.mysql-image`; use postgres-image,",
        ),
        (
            "containers = { s3-image = 1 }",
            "`tool.dagproof.containers.s3-image` must be the name of an image, not 1",
        ),
        *(
            (
                f"containers = {{ s3-port = {port} }}",
                "`tool.dagproof.containers.s3-port` must be a port, or 0 for any, not",
            )
            for port in ("-1", "65536", "true", "'9000'", "9000.0")
        ),
        (
            "budgets = { xcom-size = 0 }",
            (
                "`tool.dagproof.budgets.xcom-size` must be a number of kilobytes above 0 and up to "
                "1e+09, not 0."
            ),
        ),
        (
            "budgets = { import-memory = 0 }",
            "`tool.dagproof.budgets.import-memory` must be a number of megabytes above 0",
        ),
        (
            "pure = 'a.*'",
            (
                "`tool.dagproof.pure` must be a list of patterns of tasks, such as `my_dag.*`, not "
                "'a.*'."
            ),
        ),
        (
            "repeatable-except = ['trips']",
            (
                "`tool.dagproof.repeatable-except` must be a list of globs that begin with "
                "`s3://`, `file:`, `table:`, `mlflow:`, `model:`, not ['trips']."
            ),
        ),
        (
            "xcoms = [1]",
            "`tool.dagproof.xcoms` must be a table of lists by `dag_id.task_id`, not [1].",
        ),
        (
            "xcoms = { 'a.b' = 3 }",
            "`tool.dagproof.xcoms.'a.b'` must be a list of example values, not 3.",
        ),
        (
            "xcoms = { a.b = 'x' }",
            "`tool.dagproof.xcoms.'a.b'` must be a list of example values, not 'x'.",
        ),
        ("per_file_ignores = {}", "there is no key `tool.dagproof.per_file_ignores`; use dags, "),
    ],
)
def test_wrong_value_is_named_with_file_and_key(tmp_path, table, expected):
    with pytest.raises(UsageError) as caught:
        load(tmp_path, table)

    told = str(caught.value).removeprefix(f"{tmp_path / 'pyproject.toml'}: ")
    assert told.startswith(expected)
