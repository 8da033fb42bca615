"""What the tests of `pytest --dagproof` share: how an inner session runs, and what it collects."""

ALONE = ("-p", "dagproof.pytest_plugin", "-p", "no:cacheprovider", "--import-mode=importlib")
"""Load this plugin and no other that happens to be installed: an inner session is then fast."""

DAG = "# airflow dag\nraise AssertionError('a DAG file was imported')\n"
OF_CONTRACTS = ("params", "templates", "xcom")
QUESTIONS = ("lint", "import", "effects", "serialization", "stability", *OF_CONTRACTS)
OF_REPOSITORY = ["dagproof::repository::lint", "dagproof::repository::audit"]


def items_of(*files):
    """Return the node ids of DAG files."""
    return [f"{file}::{question}" for file in files for question in QUESTIONS]
