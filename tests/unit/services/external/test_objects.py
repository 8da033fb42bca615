"""A bucket that exists already, in moto's memory."""

import json

import pytest

from dagproof.model import UnavailableError
from dagproof.services.external import holder, objects, urls

moto = pytest.importorskip("moto", reason="needs moto")
boto3 = pytest.importorskip("boto3", reason="needs boto3")


@pytest.fixture
def client(monkeypatch):
    """Give a client of an object store in memory that has one bucket."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(holder, "PATIENCE_SECONDS", 0.1)
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        yield client


def store(text="s3://key:s%2Fcret@bucket/tests?region=us-east-1", **environ):
    url = urls.s3({"DAGPROOF_S3_URL": text})
    return objects.ObjectStore(url, environ, holder.this_process("main"))


def ready(*args, **environ):
    found = store(*args, **environ)
    found.inspect()
    found.prepare(lambda _: None)
    return found


def keys(client):
    return [each["Key"] for each in client.list_objects_v2(Bucket="bucket").get("Contents", [])]


def put(client, *names):
    for name in names:
        client.put_object(Bucket="bucket", Key=name, Body=b"1")


def test_an_empty_prefix_is_marked_and_emptied_again(client, monkeypatch):
    monkeypatch.setattr(objects, "_BATCH", 2)
    put(client, "other")
    held = ready()
    put(client, *(f"tests/{number}" for number in range(5)))
    client.create_multipart_upload(Bucket="bucket", Key="tests/half")
    held.reset(lambda _: None)

    assert keys(client) == ["other", "tests/.dagproof"]
    assert "Uploads" not in client.list_multipart_uploads(Bucket="bucket")


def test_versions_go_and_the_newest_mark_stays(client):
    client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    held = ready()
    put(client, "tests/a", "tests/a")
    client.delete_object(Bucket="bucket", Key="tests/a")
    held.release()
    ready()

    found = client.list_object_versions(Bucket="bucket")
    assert [each["Key"] for each in found["Versions"]] == ["tests/.dagproof"]
    assert "DeleteMarkers" not in found


def test_a_store_without_versions_or_uploads_is_emptied_all_the_same(client, monkeypatch):
    held = ready()
    put(client, "tests/a")
    real = held._client.get_paginator

    def paginator(operation):
        if operation == "list_objects_v2":
            return real(operation)
        raise held._client.exceptions.ClientError({"Error": {"Code": "NotImplemented"}}, operation)

    monkeypatch.setattr(held._client, "get_paginator", paginator)
    held.reset(lambda _: None)
    assert keys(client) == ["tests/.dagproof"]


@pytest.mark.parametrize("mark", [b"", b"{}", b'{"purpose": "%s", "where": "s3://elsewhere"}'])
def test_what_is_not_ours_is_refused(client, mark):
    client.put_object(
        Bucket="bucket",
        Key="tests/.dagproof",
        Body=mark.replace(b"%s", objects._PURPOSE.encode()),
    )
    with pytest.raises(UnavailableError, match=r"it holds `tests/\.dagproof`"):
        store().inspect()


def test_an_upload_of_somebody_is_theirs(client):
    client.create_multipart_upload(Bucket="bucket", Key="tests/half")
    with pytest.raises(UnavailableError, match="an upload of `tests/half` that has not ended"):
        store().inspect()


def test_a_living_holder_is_waited_for_and_one_that_left_is_not(client):
    held = ready()
    with pytest.raises(UnavailableError, match="is in use by process"):
        store().inspect()
    held.release()
    held.release()
    other = ready()
    with pytest.raises(UnavailableError, match="was taken by process"):
        held.reset(lambda _: None)
    held._held = True
    held.release()
    assert other._holder.is_same(other._who()), "only its own mark is wiped by a holder"


def test_one_that_was_never_prepared_has_nothing_to_release(client):
    store().release()
    assert keys(client) == []


def test_objects_that_stay_are_told(client, monkeypatch):
    held = ready()
    put(client, "tests/a")
    errors = {"Errors": [{"Key": "tests/a", "Code": "AccessDenied"}]}
    monkeypatch.setattr(held._client, "delete_objects", lambda **_: errors)
    with pytest.raises(UnavailableError, match=r"`tests/a` stays \(AccessDenied\)"):
        held.reset(lambda _: None)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("ExpiredToken", "Renew the credentials."),
        ("AccessDenied", "they must be allowed to list, read, write and delete"),
        ("PermanentRedirect", "Add its region to `DAGPROOF_S3_URL`"),
        ("Teapot", "Check `DAGPROOF_S3_URL`."),
    ],
)
def test_a_refusal_has_its_own_advice_and_no_secret(client, monkeypatch, code, advice):
    held = ready()

    def refuse(**_):
        said = {"Error": {"Code": code, "Message": "not with s/cret"}}
        raise held._client.exceptions.ClientError(said, "GetObject")

    monkeypatch.setattr(held._client, "get_object", refuse)
    with pytest.raises(UnavailableError) as refusal:
        held.reset(lambda _: None)
    assert advice in str(refusal.value)
    assert "s/cret" not in str(refusal.value)


def test_a_bucket_that_is_not_there_is_not_made(client):
    with pytest.raises(UnavailableError, match="dagproof makes no buckets"):
        store("s3://key:s%2Fcret@nowhere").inspect()


def test_a_name_that_no_bucket_can_have_is_told(client):
    with pytest.raises(UnavailableError, match="does not answer as it should"):
        store("s3://key:s%2Fcret@b_b/x").inspect()


def test_its_environment_names_endpoint_credentials_and_root():
    found = store("http://key:s%2Fcret@minio:9000/bucket/a?region=eu-west-1").environment()

    assert found["AWS_ENDPOINT_URL"] == found["MLFLOW_S3_ENDPOINT_URL"] == "http://minio:9000"
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("key", "s/cret")
    assert found["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert found["DATA_ROOT"] == "s3://bucket/a/data"
    assert "AWS_SESSION_TOKEN" not in found
    assert json.loads(found["AIRFLOW_CONN_AWS_DEFAULT"]) == {
        "conn_type": "aws",
        "login": "key",
        "password": "s/cret",
        "extra": {"endpoint_url": "http://minio:9000", "region_name": "eu-west-1"},
    }


def test_a_session_token_of_the_shell_does_not_go_with_another_key():
    found = store("s3://key:s%2Fcret@bucket", AWS_SESSION_TOKEN="t").environment()

    assert found["AWS_SESSION_TOKEN"] == ""


def test_without_a_key_the_processs_own_credentials_and_region_are_used():
    found = store("s3://bucket", AWS_REGION="eu-west-2", AWS_SESSION_TOKEN="t").environment()

    assert set(found) == {"AWS_DEFAULT_REGION", "AIRFLOW_CONN_AWS_DEFAULT", "DATA_ROOT"}
    assert found["AWS_DEFAULT_REGION"] == "eu-west-2"
    assert json.loads(found["AIRFLOW_CONN_AWS_DEFAULT"]) == {
        "conn_type": "aws",
        "extra": {"region_name": "eu-west-2"},
    }
