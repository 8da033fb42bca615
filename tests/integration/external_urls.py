"""Services that exist already, for tests: those of an embedded tenancy in a cache of its own.

To run tests of another folder against them, its conftest.py says

    from integration.external_urls import external_urls

    @pytest.fixture(scope="session", params=["embedded", "external"])
    def dagproof_services(request, tmp_path_factory):
        if request.param == "embedded":
            yield "embedded"
            return
        with external_urls(tmp_path_factory.mktemp("external")) as urls:
            with mock.patch.dict(os.environ, urls):
                yield "external"
"""

import contextlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

from dagproof.services import SERVICES, Tenancy, embedded

PASSWORD = "p@ss/wörd:$HOME%41"
"""Nothing in it goes through an address unquoted."""
OWNER = "external_owner"

_numbers = itertools.count(1)


@contextmanager
def external_urls(cache: Path, wanted=SERVICES) -> Iterator[dict[str, str]]:
    """Give the three `DAGPROOF_*_URL`: an empty database, an empty MLflow and an empty prefix.

    Args:
        cache: folder for the servers, which tests do not use otherwise.
        wanted: of `postgres`, `mlflow` and `s3`.
    """
    with embedded(wanted, cache=cache) as tenancy:
        tenancy.wait()
        yield urls_of(tenancy)


def urls_of(tenancy: Tenancy) -> dict[str, str]:
    """Give the addresses of a tenancy's servers, with a new database and a new prefix."""
    found = {}
    environment = tenancy.environment
    if "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in environment:
        found["DAGPROOF_POSTGRES_URL"] = new_database(tenancy)
    if "MLFLOW_TRACKING_URI" in environment:
        found["DAGPROOF_MLFLOW_URL"] = environment["MLFLOW_TRACKING_URI"]
    if "AWS_ENDPOINT_URL" in environment:
        host = environment["AWS_ENDPOINT_URL"].removeprefix("http://")
        prefix = f"dagproof-data/{next(_numbers)}"
        found["DAGPROOF_S3_URL"] = f"http://dagproof:dagproof@{host}/{prefix}?region=eu-west-1"
    return found


def new_database(tenancy: Tenancy, name: str = "", template: str = "template0") -> str:
    """Create a database for an ordinary user, and give its address."""
    name = name or f"external_{next(_numbers)}"
    with administrator(tenancy) as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", (OWNER,))
        if cursor.fetchone() == (0,):
            cursor.execute(f"CREATE ROLE {OWNER} LOGIN PASSWORD %s", (PASSWORD,))
        cursor.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{template}"')
    address = tenancy.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    host = address.rpartition("@")[2].partition("/")[0]
    return f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@{host}/{name}"


@contextmanager
def administrator(tenancy: Tenancy, database: str = "postgres"):
    """Give a cursor of a user who may do everything."""
    address = tenancy.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    server = address.replace("+psycopg2", "").rpartition("/")[0]
    with cursor_of(f"{server}/{database}") as cursor:
        yield cursor


@contextmanager
def cursor_of(url: str):
    """Give a cursor that commits each statement."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with contextlib.closing(connection):
        yield connection.cursor()
