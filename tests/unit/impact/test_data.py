"""Files that are no Python: from the DAG files that name them, or lie beside them."""

import pytest

from dagproof.model import FileFate

HERE = "from pathlib import Path\nimport os, glob\nHERE = Path(__file__).parent\n"


@pytest.mark.parametrize(
    "statement",
    [
        "x = 'orders.sql'",
        "x = 'sql/orders.sql'",
        "x = './sql/orders.sql'",
        "x = '../sql/orders.sql'",
        "x = 'dags/team/sql/orders.sql'",
        "x = 'airflow/dags/team/sql/orders.sql'",
        "x = '/opt/airflow/dags/team/sql/orders.sql'",
        "x = 'file:///opt/airflow/team/sql/orders.sql'",
        "x = f'{BASE}/sql/orders.sql'",
        "x = '{{ var.value.base }}/orders.sql'",
        "x = '%s/orders.sql' % base",
        "x = base + '/orders.sql'",
        "x = 'psql -f ${AIRFLOW_HOME}/dags/team/sql/orders.sql'",
        "x = 'psql -f orders.sql;'",
        "def task():\n    open('orders.sql')",
        HERE + "x = (HERE / 'sql' / 'orders.sql').read_text()",
        HERE + "def task():\n    return HERE.joinpath('sql', 'orders.sql')",
        HERE + "x = os.path.join(os.path.dirname(__file__), 'sql', 'orders.sql')",
        HERE + "x = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sql/orders.sql')",
        HERE + "x = Path(__file__).resolve().parents[1] / 'team' / 'sql' / 'orders.sql'",
        HERE + "x = Path(__file__).parents[0] / 'sql' / 'orders.sql'",
        HERE + "NAME = 'orders'\nx = HERE / 'sql' / f'{NAME}.sql'",
        HERE + "x = list((HERE / 'sql').glob('*.sql'))",
        HERE + "x = list(HERE.rglob('*.sql'))",
        HERE + "x = list(HERE.parent.rglob('sql/ord*.sql'))",
        HERE + "x = list(HERE.parent.glob('**/team/**/orders.sql'))",
        HERE + "open(HERE / 'sql' / 'orders.sql')",
        HERE + "open(read('sql/orders.sql') / 'x')",
        HERE + "x = f\"{read('orders.sql')}/x\"",
        "for name in names:\n    x = name + '/orders.sql'",
        "x = 'orders' '.sql'",
        "open(mode='r', file='orders.sql')",
        "x: str = 'orders.sql'",
        "def f(x='orders.sql'): ...",
        "with open('orders.sql') as x: ...",
        "@decorated('orders.sql')\ndef f(): ...",
        "match x:\n    case 1:\n        y = 'orders.sql'",
        "try: ...\nexcept E:\n    y = 'orders.sql'\nfinally: ...",
        "x = {'a': ['orders.sql']}",
        "NAME = 'orders.sql'\nNAME = 'other.sql'\nopen(NAME)",
        HERE + "x = (HERE / 'x').with_name('sql') / 'orders.sql'",
        HERE + "x = (HERE / 'sql/orders.csv').with_suffix('.sql')",
        HERE + "x = (HERE / 'sql/other.sql').with_stem('orders')",
        HERE + "x = glob.glob(os.path.join(os.path.dirname(__file__), 'sql', '*.sql'))",
        HERE + "for x in (HERE / 'sql').iterdir(): ...",
        HERE + "for x in os.listdir(HERE / 'sql'): ...",
        HERE + "for x in os.walk(str(HERE)): ...",
        HERE + "SQL = HERE / 'sql'\ndef task(name):\n    return (SQL / name).read_text()",
        "x = 'sql/*.sql'",
        "x = 'ord*.sql'",
        "x = f'sql/{table}.sql'",
        "x = f'{table}.sql'",
        "x = 'sql'",
        "x = 'team/sql/'",
        "x = [f for f in files if f.endswith('.sql')]",
        "DAG(template_searchpath=['/opt/airflow/dags/team/sql'])\nx = f'{table}.sql'",
    ],
)
def test_a_text_that_names_a_file_leads_to_it(repository, statement):
    repository.file("dags/team/sql/orders.sql")
    repository.dag("dags/team/user.py", statement)
    repository.dag("dags/team/other.py")
    repository.dag("dags/away.py")

    assert repository.affected("dags/team/sql/orders.sql") == {"user"}


@pytest.mark.parametrize(
    "statement",
    [
        "x = 'other.sql'",
        "x = 'elsewhere/orders.sql'",
        "x = 'orders.sql.bak'",
        "'''Reads orders.sql, and dags/team/sql.'''",
        HERE + "x = HERE / 'orders.sql'",
        HERE + "x = HERE / 'sql' / 'other.sql'",
        HERE + "SQL = HERE / 'sql'\nx = SQL / 'other.sql'",
        HERE + "x = list((HERE / 'sql').glob('*.csv'))",
        HERE + "x = list(HERE.rglob('other/*.sql'))",
        HERE + "x = list(HERE.parent.glob('**/other/*.sql'))",
        HERE + "open(HERE / 'sql' / 'other.sql')",
        HERE + "open(os.path.join(HERE, 'sql', 'other.sql'))",
        "open(Path(__file__).parents[0] / 'sql' / 'other.sql')",
        HERE + "open(f'{HERE}/sql/other.sql')",
        "open(base / 'elsewhere' / 'orders.sql')",
        "open('elsewhere' / base / 'orders.sql')",
        "open(names[0] + '.csv', rows['x'], rows.all[0])",
        "x = 'sql/*.csv'",
        "x = 's3://bucket/orders.sql'",
        "x = '*'",
        "x = '* * * * *'",
        "x = f'{a}_{b}'",
        "x = f'{a}/{b}'",
        "class Operator:\n    template_ext = ('.sql',)",
        "DAG(template_searchpath='/opt/airflow/dags/team/sql')",
        "sql = 1",
    ],
)
def test_a_text_that_names_something_else_does_not(repository, statement):
    repository.file("dags/team/sql/orders.sql")
    repository.dag("dags/team/user.py", statement)
    repository.dag("dags/team/named.py", "x = 'sql/orders.sql'")

    assert repository.affected("dags/team/sql/orders.sql") == {"named"}


def test_folders_of_templates_say_where_a_pattern_looks(repository):
    repository.file("include/sql/orders.sql")
    repository.file("include/other/orders.sql")
    body = "DAG(template_searchpath={path})\nx = f'{{table}}.sql'"
    repository.dag("dags/one.py", body.format(path="['/opt/airflow/include/sql', unknown]"))
    repository.dag("dags/two.py", body.format(path="'include/other'"))
    repository.dag("dags/hinting.py", "x = f'{table}.sql'")

    assert repository.affected("include/sql/orders.sql") == {"one"}
    assert repository.affected("include/other/orders.sql") == {"two"}


def test_files_of_one_name_are_told_apart_by_where_they_are(repository):
    for team in ("one", "two"):
        repository.file(f"dags/{team}/config.yaml")
        repository.dag(f"dags/{team}/{team}.py", HERE + "x = HERE / 'config.yaml'")

    assert repository.affected("dags/one/config.yaml") == {"one"}


def test_a_constant_that_others_import_counts_where_it_stands(repository):
    repository.file("dags/paths.py", HERE + "SQL = HERE / 'sql'\nx = SQL.exists()")
    repository.file("dags/sql/orders.sql")
    repository.dag("dags/user.py", "from paths import SQL\nx = list(SQL.iterdir())")
    repository.dag("dags/named.py", "x = 'sql/customers.sql'")

    assert repository.affected("dags/sql/orders.sql") == {"user"}


def test_a_template_that_another_one_includes_is_followed(repository):
    repository.file("include/outer.sql", "select 1\n{% include 'parts/inner.sql' %}\n")
    repository.file("include/parts/inner.sql", "{% import 'deep.j2' as deep %}")
    repository.file("include/deep.j2")
    repository.dag("dags/user.py", "x = 'outer.sql'")
    repository.dag("dags/named.py", "x = 'inner.sql'")
    repository.dag("dags/other.py")

    [named, user] = repository.impact("include/deep.j2").affected

    assert (named.path, user.path) == ("dags/named.py", "dags/user.py")
    assert user.reason == "it names `outer.sql`, which leads to `include/deep.j2`"
    assert [(step.span.path, step.span.line, step.message) for step in user.chain] == [
        ("dags/user.py", 1, "names `outer.sql`"),
        ("include/outer.sql", 2, "names `parts/inner.sql`"),
        ("include/parts/inner.sql", 1, "names `deep.j2`"),
    ]


def test_a_configuration_leads_to_the_modules_that_it_names(repository):
    repository.file("dags/steps/__init__.py")
    repository.file("dags/steps/load.py")
    repository.file("include/pipeline.yaml", "tasks:\n- callable: steps.load.run\n")
    repository.dag("dags/user.py", "x = 'pipeline.yaml'")
    repository.dag("dags/other.py")

    assert repository.affected("dags/steps/load.py") == {"user"}


def test_data_is_not_searched_for_names(repository):
    repository.file("include/rows.csv", "orders.sql\n")
    repository.file("include/big.json", '"orders.sql"' + " " * 300_000)
    repository.file("include/orders.sql")
    repository.dag("dags/user.py", "x = ['rows.csv', 'big.json']")
    repository.dag("dags/named.py", "x = 'orders.sql'")

    assert repository.affected("include/orders.sql") == {"named"}


@pytest.mark.parametrize(
    "made",
    [
        "Path(__file__).with_suffix('.yaml')",
        "Path(__file__).with_suffix(ending)",
        "Path(__file__).with_name('user.yaml')",
        "os.path.join(os.path.dirname(__file__), f'user.{ending}')",
        "HERE / ('user' + ending)",
    ],
)
def test_the_file_beside_that_swaps_its_ending_is_meant(repository, made):
    repository.file("dags/user.yaml")
    repository.dag("dags/user.py", f"{HERE}x = {made}")
    repository.dag("dags/other.py")

    assert repository.affected("dags/user.yaml") == {"user"}


def test_what_nothing_names_counts_for_the_dag_files_of_its_folder(repository):
    repository.file("dags/team/data/rows.csv")
    repository.dag("dags/team/first.py")
    repository.dag("dags/team/deep/second.py")
    repository.dag("dags/other.py")

    assert repository.reasons("dags/team/data/rows.csv") == dict.fromkeys(
        ["first", "second"], "`dags/team/data/rows.csv` lies in `dags/team`, and nothing names it"
    )


def test_what_nothing_names_in_the_dags_folder_itself_counts_for_all(repository):
    repository.file("dags/rows.csv")
    repository.file("dags/bundle.zip")
    repository.dag("dags/team/first.py")
    repository.dag("dags/other.py")

    assert repository.affected("dags/rows.csv") == {"first", "other"}
    assert repository.affected("dags/bundle.zip") == {"first", "other"}


def test_what_nothing_names_beside_a_module_counts_for_those_that_import_it(repository):
    repository.file("plugins/sender/__init__.py")
    repository.file("plugins/sender/words.txt")
    repository.file("plugins/words.txt")
    repository.dag("dags/user.py", "import sender")
    repository.dag("dags/other.py")

    assert repository.affected("plugins/sender/words.txt") == {"user"}
    assert repository.affected("plugins/words.txt") == {"user"}


def test_what_nothing_names_where_nobody_imports_anything_counts_for_all(repository):
    repository.file("plugins/views/style.css")
    repository.dag("dags/one.py")
    repository.dag("dags/two.py")

    assert repository.affected("plugins/views/style.css") == {"one", "two"}


def test_what_is_only_hinted_at_counts_beside_the_folder(repository):
    repository.file("dags/sql/orders.sql")
    repository.dag("dags/sql/near.py")
    repository.dag("dags/team/hinting.py", "x = f'{table}.sql'")
    repository.dag("dags/team/other.py")

    assert repository.affected("dags/sql/orders.sql") == {"near", "hinting"}


def test_a_hint_is_no_match_where_something_says_more(repository):
    repository.file("include/orders.sql")
    repository.dag("dags/hinting.py", "x = f'{table}.sql'")
    repository.dag("dags/named.py", "x = 'orders.sql'")

    assert repository.affected("include/orders.sql") == {"named"}


def test_a_hint_is_enough_outside_of_the_folders(repository):
    repository.file("include/orders.sql")
    repository.dag("dags/hinting.py", "x = f'{table}.sql'")
    repository.dag("dags/other.py")

    assert repository.affected("include/orders.sql") == {"hinting"}


def test_the_dags_folder_itself_is_only_a_hint(repository):
    repository.file("dags/team/rows.csv")
    repository.dag("dags/team/near.py")
    repository.dag("dags/other.py", "x = '/opt/airflow/dags'")
    repository.dag("dags/third.py")

    assert repository.affected("dags/team/rows.csv") == {"near", "other"}


def test_a_word_means_a_folder_only_where_it_may_be(repository):
    repository.file("services/web/model/rows.csv")
    repository.file("model/rows.csv")
    repository.dag("dags/user.py", "x = 'model'")

    assert repository.affected("model/rows.csv") == {"user"}
    assert repository.impact("services/web/model/rows.csv").everything


def test_a_folder_that_a_path_names_has_modules_too(repository):
    repository.file("jobs/train.py")
    repository.file("jobs/rows.csv")
    repository.dag("dags/path.py", "x = 'gsutil cp -r ~/jobs gs://bucket'")
    repository.dag("dags/word.py", "x = 'jobs'")

    assert repository.affected("jobs/train.py") == {"path"}
    assert repository.affected("jobs/rows.csv") == {"path", "word"}


def test_the_folder_of_a_module_does_not_mean_the_modules_beside_it(repository):
    repository.file("dags/team/beside.py")
    repository.dag("dags/team/user.py", HERE + "def task(name):\n    return HERE / name")

    assert repository.affected("dags/team/beside.py") == set()


def test_an_address_means_the_file_that_was_put_there(repository):
    repository.file("jobs/train.py")
    repository.dag("dags/user.py", "x = f'gs://{bucket}/jobs/train.py'")
    repository.dag("dags/other.py", "x = f'gs://{bucket}/train.py'")
    repository.dag("dags/third.py", "x = f'models:/jobs/train.py'")

    assert repository.affected("jobs/train.py") == {"user"}


def test_files_of_tests_are_not_meant_by_their_name_alone(repository):
    repository.file("tests/data/config.yaml")
    repository.file("config.yaml")
    repository.dag("dags/user.py", "x = 'config.yaml'")
    repository.dag("dags/other.py", "x = 'tests/data/config.yaml'")

    assert repository.affected("tests/data/config.yaml") == {"other"}


@pytest.mark.parametrize("fate", [FileFate.DELETED, FileFate.ADDED])
def test_a_file_that_is_new_or_gone_affects_who_names_it(repository, fate):
    if fate is FileFate.ADDED:
        repository.file("include/sql/orders.sql")
    repository.dag("dags/user.py", "x = 'sql/orders.sql'")
    repository.dag("dags/other.py")

    assert repository.affected(repository.change("include/sql/orders.sql", fate)) == {"user"}


def test_a_renamed_file_affects_who_names_it_by_either_name(repository):
    repository.file("dags/sql/new.sql")
    repository.dag("dags/late.py", "x = 'old.sql'")
    repository.dag("dags/early.py", "x = 'new.sql'")
    repository.dag("dags/other.py")
    renamed = repository.change("dags/sql/new.sql", FileFate.RENAMED, "dags/sql/old.sql")

    assert repository.affected(renamed) == {"late", "early"}
