"""Files appear whole or not at all, and whatever is wrong with a store is one sentence."""

import errno
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import object_store, storage
from mlops.storage import StorageError


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_uri_joins_under_data_root(data_root):
    assert storage.uri("a", "b.csv") == f"file://{data_root}/a/b.csv"


@pytest.mark.parametrize("name", ["my data", "50%41", "ä+b", "plain"])
@pytest.mark.parametrize("named", [str, Path.as_uri])
def test_folder_of_any_name_holds_the_data(tmp_path, monkeypatch, name, named):
    folder = tmp_path / name
    monkeypatch.setenv("DATA_ROOT", named(folder))

    with storage.publish(storage.uri("a.txt")) as scratch:
        scratch.write_text("trips")

    assert files(tmp_path) == [f"{name}/a.txt"]
    with storage.local_copy(storage.uri("a.txt")) as copy:
        assert copy.read_text() == "trips"


@pytest.mark.parametrize("part", ["", "/etc", "..", "a/../../b"])
def test_uri_refuses_a_part_that_leads_out(part):
    with pytest.raises(StorageError, match="cannot be part of an address"):
        storage.uri("a", part)


def test_published_file_appears_after_the_block_only(data_root):
    address = storage.uri("a", "b")
    with storage.publish(address) as path:
        path.write_text("1")
        assert not storage.exists(address)
    assert storage.exists(address)
    assert files(data_root) == ["a/b"]


def test_published_file_replaces_the_earlier_one(data_root):
    for text in ("old", "new"):
        with storage.publish(storage.uri("a")) as path:
            path.write_text(text)
    assert (data_root / "a").read_text() == "new"


def test_error_in_the_block_goes_on_and_leaves_the_earlier_file(data_root):
    storage.write_json(storage.uri("a"), 1)
    with pytest.raises(ZeroDivisionError), storage.publish(storage.uri("a")) as path:
        _ = path.write_text("half") / 0
    assert storage.read_json(storage.uri("a")) == 1
    assert files(data_root) == ["a"]


def test_publishing_nothing_is_refused():
    with (
        pytest.raises(StorageError, match="Nothing was written"),
        storage.publish(storage.uri("a")),
    ):
        pass


def test_killed_writer_leaves_nothing_after_the_next_one(data_root):
    program = (
        "import os, sys; from mlops import storage\n"
        "with storage.publish(storage.uri('a')) as path:\n"
        "    path.write_text('half'); os.kill(os.getpid(), 9)\n"
    )
    plugins = Path(storage.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(plugins)},
        check=False,
    )
    assert not storage.exists(storage.uri("a"))
    assert len(files(data_root)) == 1  # hidden, and swept by the next writer
    storage.write_json(storage.uri("a"), 1)
    assert files(data_root) == ["a"]


def test_local_copy_of_a_file_is_the_file_itself(data_root):
    storage.write_json(storage.uri("a"), 1)
    with storage.local_copy(storage.uri("a")) as path:
        assert path == data_root / "a"
    assert path.exists()


def test_missing_file_is_named():
    with pytest.raises(StorageError, match=r"file://.*/gone does not exist"):
        storage.read_json(storage.uri("gone"))


def test_broken_json_is_named(data_root):
    data_root.mkdir()
    (data_root / "a").write_text("{")
    with pytest.raises(StorageError, match="/a is no JSON document"):
        storage.read_json(storage.uri("a"))


def test_json_refuses_nan_and_leaves_nothing(data_root):
    with pytest.raises(ValueError, match="not JSON compliant"):
        storage.write_json(storage.uri("a"), float("nan"))
    assert not data_root.exists()


def test_removing_twice_is_no_error():
    storage.write_json(storage.uri("a"), 1)
    storage.remove(storage.uri("a"))
    storage.remove(storage.uri("a"))
    assert not storage.exists(storage.uri("a"))


def test_data_root_that_is_a_file_is_one_sentence(data_root):
    data_root.write_text("")
    with pytest.raises(StorageError, match=r"/a/b cannot be written \(.*\); make it writable"):
        storage.write_json(storage.uri("a", "b"), 1)


def test_full_disk_while_the_file_is_written_is_one_sentence(data_root):
    with (
        pytest.raises(StorageError, match=r"No space left.*free space"),
        storage.publish(storage.uri("a")),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert files(data_root) == []


def test_full_disk_while_the_file_is_flushed_is_one_sentence(data_root, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="No space left"):
        storage.write_json(storage.uri("a"), 1)
    assert files(data_root) == []


def test_error_of_another_file_is_not_blamed_on_the_store():
    with pytest.raises(FileNotFoundError), storage.publish(storage.uri("a")):
        Path("/no/such/file").read_text(encoding="utf-8")


def test_plain_path_is_no_address():
    with pytest.raises(StorageError, match="write file:///folder/file or s3://bucket/key"):
        storage.exists("/tmp/x")


@given(st.text(), st.text())
def test_safe_names_are_portable_and_differ(one, other):
    names = storage.safe(one), storage.safe(other)
    for name in names:
        assert name
        assert len(name) <= 130
        assert not name.startswith(".")
        assert all(c.isascii() and (c.isalnum() or c in "._-") for c in name)
    assert (one == other) == (names[0] == names[1])


@pytest.fixture
def s3(monkeypatch):
    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    server = moto.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("DATA_ROOT", "s3://bucket/root")
    boto3.client("s3").create_bucket(Bucket="bucket")
    yield boto3.client("s3")
    server.stop()


def keys(s3):
    return [item["Key"] for item in s3.list_objects_v2(Bucket="bucket").get("Contents", [])]


def test_s3_round_trip(s3):
    address = storage.uri("a", "b.json")
    assert not storage.exists(address)
    storage.write_json(address, {"x": 1})
    assert keys(s3) == ["root/a/b.json"]
    assert storage.exists(address)
    with storage.local_copy(address) as path:
        assert path.name == "b.json"
    assert not path.exists()
    assert storage.read_json(address) == {"x": 1}
    storage.remove(address)
    storage.remove(address)
    assert keys(s3) == []


def test_s3_error_in_the_block_uploads_nothing(s3):
    with pytest.raises(ZeroDivisionError), storage.publish(storage.uri("a")) as path:
        _ = path.write_text("half") / 0
    assert keys(s3) == []
    assert not path.exists()


def test_s3_sees_what_another_process_wrote_since(s3):
    address = storage.uri("a")
    assert not storage.exists(address)
    s3.put_object(Bucket="bucket", Key="root/a", Body=b"7")
    assert storage.read_json(address) == 7


def test_s3_missing_object_and_missing_bucket_are_one_sentence(s3, monkeypatch):
    with pytest.raises(StorageError, match="s3://bucket/root/gone does not exist"):
        storage.read_json(storage.uri("gone"))
    monkeypatch.setenv("DATA_ROOT", "s3://nobucket")
    with pytest.raises(StorageError, match=r"s3://nobucket/a cannot be written \("):
        storage.write_json(storage.uri("a"), 1)


def test_s3_down_is_one_sentence_in_seconds(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("DATA_ROOT", "s3://bucket")
    pytest.importorskip("airflow.sdk.io")  # whose import is not counted
    began = time.monotonic()
    for act in (
        lambda: storage.exists(storage.uri("a")),
        lambda: storage.read_json(storage.uri("a")),
        lambda: storage.write_json(storage.uri("a"), 1),
        lambda: storage.remove(storage.uri("a")),
    ):
        with pytest.raises(StorageError, match=r"s3://bucket/a .*AWS_ENDPOINT_URL") as caught:
            act()
        assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 20


def test_s3_that_never_answers_is_given_up(monkeypatch):
    pytest.importorskip("airflow.sdk.io")  # whose import is not counted
    monkeypatch.setitem(object_store._S3_OPTIONS, "read_timeout", 1)
    monkeypatch.setattr(object_store, "_UPLOAD_SECONDS", 2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("DATA_ROOT", "s3://bucket")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(StorageError, match=r"s3://bucket/a cannot be written \(it did not an"):
            storage.write_json(storage.uri("a"), 1)
        with pytest.raises(StorageError, match=r"s3://bucket/a cannot be read \(Read timeout"):
            storage.read_json(storage.uri("a"))
        assert time.monotonic() - began < 15


def test_name_too_long_for_the_disk_is_told_by_every_reader(data_root):
    data_root.mkdir()
    uri = storage.uri("x" * 300)
    for ask in (storage.exists, storage.read_json):
        with pytest.raises(storage.StorageError, match="File name too long"):
            ask(uri)
