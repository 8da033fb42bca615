"""Addresses of services that exist already."""

import pytest

from dagproof.model import UsageError
from dagproof.services.external import urls

READERS = {"postgres": urls.postgres, "mlflow": urls.mlflow, "s3": urls.s3}


def read(service, text, **environ):
    return READERS[service]({urls.VARIABLES[service]: text, **environ})


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_a_database_has_an_address_for_each_driver(scheme):
    url = read("postgres", f"{scheme}://me:p%40ss@db:6543/tests?sslmode=require&gssencmode=disable")

    assert url.libpq == "postgresql://me:p%40ss@db:6543/tests?sslmode=require&gssencmode=disable"
    assert url.sync == url.libpq.replace("postgresql", "postgresql+psycopg2", 1)
    assert url.asynchronous == "postgresql+asyncpg://me:p%40ss@db:6543/tests?ssl=require"
    assert (url.host, url.name, url.user, url.password) == ("db:6543", "tests", "me", "p@ss")


def test_what_a_database_address_leaves_out_is_libpqs_to_fill_in():
    url = read("postgres", "postgresql:///tests?host=/run/postgresql&port=5433")

    assert (url.host, url.user, url.password) == ("/run/postgresql:5433", "", "")
    assert url.asynchronous.endswith(":///tests?host=%2Frun%2Fpostgresql&port=5433")
    assert read("postgres", "postgresql://").host == "localhost:5432"
    assert read("postgres", "postgresql://").name == ""


def test_a_dollar_in_a_password_is_no_variable_to_airflow():
    assert "$" not in read("postgres", "postgresql://me:a$HOME@db/tests").sync


def test_a_server_is_told_apart_from_its_credentials():
    url = read("mlflow", "https://me:p%2Fss@host:5000/mlflow/")

    assert (url.uri, url.user, url.password) == ("https://host:5000/mlflow", "me", "p/ss")
    assert read("mlflow", "http://[::1]:5000").uri == "http://[::1]:5000"


def test_a_bucket_may_have_a_prefix_and_a_region():
    url = read("s3", "http://key:s%2Fcret@minio:9000/bucket/a/b/?region=eu-west-1")

    assert (url.endpoint, url.bucket, url.prefix) == ("http://minio:9000", "bucket", "a/b/")
    assert (url.key, url.secret, url.region) == ("key", "s/cret", "eu-west-1")
    assert url.root == "s3://bucket/a/b"
    assert read("s3", "https://minio/bucket").root == "s3://bucket"


def test_without_a_host_it_is_aws_itself():
    url = read("s3", "s3://bucket/prefix?region=us-west-2")

    assert (url.endpoint, url.bucket, url.prefix, url.key) == (None, "bucket", "prefix/", "")


@pytest.mark.parametrize(
    ("environ", "name"), [({}, "main"), ({"PYTEST_XDIST_WORKER": "gw3"}, "gw3")]
)
def test_the_worker_stands_in_every_address(environ, name):
    assert read("postgres", "postgresql://db/tests_{worker}", **environ).name == f"tests_{name}"
    assert (
        read("mlflow", "http://mlflow-{worker}:5000", **environ).uri == f"http://mlflow-{name}:5000"
    )
    assert read("s3", "s3://bucket/{worker}", **environ).prefix == f"{name}/"


@pytest.mark.parametrize("service", READERS)
@pytest.mark.parametrize("text", ["", "  "])
def test_an_address_that_is_not_set_is_asked_for_with_the_way_without(service, text):
    with pytest.raises(UsageError) as refusal:
        read(service, text)
    assert f"`{urls.VARIABLES[service]}` for {service}" in str(refusal.value)
    assert f"leave {service} out of `services`" in str(refusal.value)


@pytest.mark.parametrize(
    ("service", "text"),
    [
        ("postgres", "mysql://me:sekret@db/x"),
        ("postgres", "postgresql+asyncpg://me:sekret@db/x"),
        ("postgres", "postgresql:me:sekret@db/x"),
        ("postgres", "postgresql://me:sek/ret@db/x"),
        ("postgres", "postgresql://me:sek#ret@db/x"),
        ("postgres", "postgresql://me:12?sekret@db/x"),
        ("postgres", "postgresql://me:sek@ret@db/x"),
        ("postgres", "postgresql://me:sek%ret@db/x"),
        ("postgres", "postgresql://me:sek ret@db/x"),
        ("postgres", "postgresql://me:sekret@db:port/x"),
        ("postgres", "postgresql://me:sekret@db:0/x"),
        ("postgres", "postgresql://me:sekret@db/x#y"),
        ("postgres", "postgresql://me:sekret@[::1/x"),
        ("mlflow", "me:sekret@host:5000"),
        ("mlflow", "http://me:sekret@:5000"),
        ("mlflow", "http://me:sekret@host:5000?x=1"),
        ("mlflow", "databricks"),
        ("s3", "http://key:sekret@host:9000"),
        ("s3", "http://key:sekret@host:9000/"),
        ("s3", "http://key@host:9000/bucket"),
        ("s3", "http://:sekret@host:9000/bucket"),
        ("s3", "http://key:sek/ret@host:9000/bucket"),
        ("s3", "http://host/bucket?endpoint=sekret"),
        ("s3", "s3:///bucket"),
        ("s3", "file:///bucket"),
    ],
)
def test_a_malformed_address_is_refused_without_quoting_it(service, text):
    with pytest.raises(UsageError) as refusal:
        read(service, text)
    said = str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    assert said.startswith(f"`{urls.VARIABLES[service]}` is not an address such as")
    assert not {"sekret", "sek", "ret@", "12"} & set(said.replace("`", " ").split())
    assert "sekret" not in said


def test_what_is_secret_does_not_show():
    shown = [
        repr(read("postgres", "postgresql://me:sekret@db/x")),
        repr(read("mlflow", "http://me:sekret@host")),
        repr(read("s3", "http://key:sekret@host/bucket")),
    ]
    assert [text for text in shown if "sekret" in text] == []


def test_secrets_leave_a_text_in_every_form():
    text = "a p@s/s, a p%40s%2Fs, a p%40s/s"

    assert urls.scrubbed(text, "p@s/s", "") == "a ***, a ***, a ***"
