"""A bucket that exists already: whose it is, how it gets clean, what goes wrong with it."""

import itertools
import os
import socket
import time

import pytest

from dagproof.model import UnavailableError
from dagproof.services import embedded, s3_client
from dagproof.services.external import external

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def endpoint(cache):
    """Give the address of an object store."""
    with embedded(["s3"], cache=cache) as tenancy:
        tenancy.wait()
        yield tenancy.environment["AWS_ENDPOINT_URL"]


@pytest.fixture
def client(endpoint):
    """Give a client of it."""
    return s3_client(
        {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "s/cret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    )


@pytest.fixture
def bucket(client):
    """Give the name of a new bucket."""
    name = f"bucket-{next(numbers)}"
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def hold(endpoint):
    """Give a function that holds a bucket or prefix."""

    def hold(path, at=endpoint):
        url = f"{at.replace('//', '//key:s%2Fcret@')}/{path}"
        return external(["s3"], {**os.environ, "DAGPROOF_S3_URL": url})

    return hold


@pytest.fixture
def refusal(hold):
    """Give a function that returns why a bucket is refused."""

    def refusal(*where):
        started = time.monotonic()
        with hold(*where) as held, pytest.raises(UnavailableError) as caught:
            held.wait()
        assert time.monotonic() - started < 10
        assert "s/cret" not in str(caught.value)
        assert "s%2Fcret" not in str(caught.value)
        return str(caught.value)

    return refusal


def keys(client, bucket):
    found = client.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [each["Key"] for each in found]


def test_a_reset_deletes_all_but_the_mark_page_by_page(client, bucket, hold):
    with hold(bucket) as held:
        held.wait()
        for number in range(1001):
            client.put_object(Bucket=bucket, Key=f"months/{number}", Body=b"")
        upload = client.create_multipart_upload(Bucket=bucket, Key="half")
        held.reset()

        assert keys(client, bucket) == [".dagproof"]
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
        assert held.environment["DATA_ROOT"] == f"s3://{bucket}/data"
        assert upload["UploadId"]


def test_old_versions_go_too(client, bucket, hold):
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        with hold(bucket) as held:
            held.wait()
            client.put_object(Bucket=bucket, Key="a", Body=b"1")
            client.put_object(Bucket=bucket, Key="a", Body=b"2")
            client.delete_object(Bucket=bucket, Key="a")
            held.reset()
            found = client.list_object_versions(Bucket=bucket)
            assert [each["Key"] for each in found["Versions"]] == [".dagproof"]
            assert "DeleteMarkers" not in found


def test_what_is_beside_the_prefix_stays(client, bucket, hold):
    for key in ("other", "tests", "tests-2/x"):
        client.put_object(Bucket=bucket, Key=key, Body=b"1")
    with hold(f"{bucket}/tests") as held:
        held.wait()
        client.put_object(Bucket=bucket, Key="tests/x", Body=b"1")
        held.reset()

        assert keys(client, bucket) == ["other", "tests", "tests-2/x", "tests/.dagproof"]
        assert held.environment["DATA_ROOT"] == f"s3://{bucket}/tests/data"


def leave_object(client, bucket):
    client.put_object(Bucket=bucket, Key="tests/report.csv", Body=b"1")


def leave_old_version(client, bucket):
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    leave_object(client, bucket)
    client.delete_object(Bucket=bucket, Key="tests/report.csv")


def leave_upload(client, bucket):
    client.create_multipart_upload(Bucket=bucket, Key="tests/report.csv")


def leave_foreign_mark(client, bucket):
    client.put_object(Bucket=bucket, Key="tests/.dagproof", Body=b"{}")


def leave_copied_mark(client, bucket):
    client.put_object(Bucket=bucket, Key=".dagproof", Body=b"x")
    mark = b'{"purpose": "dagproof deletes all that is beside this object before every test"'
    client.put_object(Bucket=bucket, Key="tests/.dagproof", Body=mark + b', "where": "s3://prod"}')


@pytest.mark.parametrize(
    ("leave", "named"),
    [
        (leave_object, "it holds `tests/report.csv`"),
        (leave_old_version, "it holds `tests/report.csv`"),
        (leave_upload, "an upload of `tests/report.csv` that has not ended"),
        (leave_foreign_mark, "it holds `tests/.dagproof`"),
        (leave_copied_mark, "it holds `tests/.dagproof`"),
    ],
)
def test_what_somebody_left_is_theirs(client, bucket, refusal, leave, named):
    leave(client, bucket)
    before = client.list_object_versions(Bucket=bucket)

    assert named in refusal(f"{bucket}/tests")
    after = client.list_object_versions(Bucket=bucket)
    assert after.get("Versions") == before.get("Versions")
    assert after.get("DeleteMarkers") == before.get("DeleteMarkers")


def test_a_bucket_that_is_not_there_is_not_made(client, refusal):
    assert "Create it: dagproof makes no buckets." in refusal("not-there")
    assert "not-there" not in [each["Name"] for each in client.list_buckets()["Buckets"]]


def test_a_mark_that_is_gone_stops_a_reset(client, bucket, hold):
    with hold(bucket) as held:
        held.wait()
        client.delete_object(Bucket=bucket, Key=".dagproof")
        client.put_object(Bucket=bucket, Key="theirs", Body=b"1")
        with pytest.raises(UnavailableError, match="somebody who removed its mark"):
            held.reset()
    assert keys(client, bucket) == ["theirs"]


def test_what_cannot_be_reached_is_told(refusal, endpoint):
    assert "Could not connect" in refusal("bucket", "http://127.0.0.1:1")
    assert "SSL" in refusal("bucket", endpoint.replace("http:", "https:"))
    assert "Could not connect" in refusal("bucket", "http://no-such-host.invalid")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert "timeout" in refusal("bucket", silent).lower()
