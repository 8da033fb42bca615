"""A month is fetched once, whole, and from where an earlier try stopped."""

import hashlib
import tempfile
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fixtures.tlc import write_month

from mlops import storage
from taxi import download as downloading
from taxi import web
from taxi.download import download_month
from taxi.errors import DownloadError, UnusableMonthError

MONTH = {"colour": "green", "year": 2023, "month": 1}


class _Site:
    """What the loopback server has, how it misbehaves, and what it was asked for."""

    def __init__(self, content):
        self.content = content
        self.ranges = True  # answers Range
        self.etag = True
        self.cut = None  # closes the connection after so many bytes
        self.status = None  # answers this instead
        self.conditional = True  # heeds If-Range
        self.sent = []  # from which byte on each GET was answered
        self.asked = []  # the Range header of each GET, or None

    def version(self):
        """The ETag of the content."""
        return f'"{hashlib.md5(self.content).hexdigest()}"'  # noqa: S324 - an ETag, no secret


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site, *args):
        self.site = site
        super().__init__(*args)

    def log_message(self, *args):
        """Say nothing."""

    def do_HEAD(self):
        """Answer without a body."""
        self._answer(body=False)

    def do_GET(self):
        """Answer with what was asked for."""
        self.site.asked.append(self.headers.get("Range"))
        self._answer(body=True)

    def _answer(self, body):
        site, start = self.site, 0
        if site.status or "2023-01" not in self.path:
            self.send_error(site.status or 404)
            return
        asked = self.headers.get("Range")
        same = self.headers.get("If-Range") == site.version() or not site.conditional
        if site.ranges and asked and same:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        if start:
            total = len(site.content)
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if site.etag:
            self.send_header("ETag", site.version())
        self.send_header("Content-Length", str(len(site.content) - start))
        self.end_headers()
        if body:
            site.sent.append(start)
            self.wfile.write(site.content[start : site.cut])


@pytest.fixture
def site(tmp_path, monkeypatch):
    content = write_month(tmp_path / "m.parquet", rows=3_000).read_bytes()
    served = _Site(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("TAXI_SOURCE", served.address + "/{colour}_{year}-{month:02d}.parquet")
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """A DATA_ROOT and a scratch folder of the test's own, and no proxy in between."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}/data")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def _files(folder):
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.suffix != ".lock")


def test_a_month_appears_whole_with_its_checksum_beside_it(site, tmp_path, scratch):
    said = download_month(**MONTH)
    assert said["uri"] == f"file://{tmp_path}/data/taxi/raw/green/2023-01.parquet"
    assert said["source"] == f"{site.address}/green_2023-01.parquet"
    assert said["sha256"] == hashlib.sha256(site.content).hexdigest()
    assert said["bytes"] == len(site.content)
    assert storage.read_json(f"{said['uri']}.json")["sha256"] == said["sha256"]
    with storage.local_copy(said["uri"]) as path:
        assert path.read_bytes() == site.content
    assert _files(scratch) == []


def test_a_month_that_is_there_is_not_fetched_again(site):
    assert download_month(**MONTH) == download_month(**MONTH)
    assert len(site.asked) == 1


def test_a_month_that_is_there_is_used_while_the_source_is_down(site):
    said = download_month(**MONTH)
    site.status = 503
    assert download_month(**MONTH) == said


def test_a_month_damaged_since_is_fetched_again(site, tmp_path):
    said = download_month(**MONTH)
    path = tmp_path / "data/taxi/raw/green/2023-01.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert download_month(**MONTH) == said
    assert path.read_bytes() == site.content


def test_a_month_that_the_source_has_mended_is_fetched_again(site, tmp_path):
    download_month(**MONTH)
    site.content = write_month(tmp_path / "n.parquet", rows=4_000).read_bytes()
    assert download_month(**MONTH)["bytes"] == len(site.content)


def test_a_broken_transfer_goes_on_where_it_stopped(site, tmp_path):
    site.cut = 1_000
    with pytest.raises(DownloadError, match=r"green_2023-01\.parquet .*"):
        download_month(**MONTH)
    assert not (tmp_path / "data/taxi").exists()
    site.cut = None
    assert download_month(**MONTH)["sha256"] == hashlib.sha256(site.content).hexdigest()
    assert site.asked == [None, "bytes=1000-"]
    assert site.sent == [0, 1000]


@pytest.mark.parametrize("habit", ["no ranges", "changed", "changed, and sends a part", "no etag"])
def test_begins_again_when_the_rest_cannot_be_had_or_trusted(site, tmp_path, habit):
    site.cut, site.etag = 1_000, habit != "no etag"
    with pytest.raises(DownloadError):
        download_month(**MONTH)
    site.cut, site.ranges = None, habit != "no ranges"
    site.conditional = habit != "changed, and sends a part"
    if habit.startswith("changed"):
        site.content = write_month(tmp_path / "n.parquet", rows=4_000).read_bytes()
    assert download_month(**MONTH)["sha256"] == hashlib.sha256(site.content).hexdigest()
    assert site.asked[1] == (None if habit == "no etag" else "bytes=1000-")
    assert site.sent[-1] == 0


def test_what_had_arrived_whole_is_not_fetched_again_when_publishing_failed(site, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(storage, "publish", _full)
        with pytest.raises(storage.StorageError, match="No space left"):
            download_month(**MONTH)
    download_month(**MONTH)
    assert len(site.asked) == 1


def _full(uri):
    raise storage.StorageError(f"{uri} cannot be written (No space left on device); free space.")


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_month_that_is_not_published_is_refused_for_good(site, status):
    site.status = status
    with pytest.raises(UnusableMonthError) as refused:
        download_month(**MONTH)
    assert str(refused.value) == (
        f"{site.address}/green_2023-01.parquet answers {status}, so that month is not published "
        "there; choose another month, or set TAXI_SOURCE."
    )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_of_the_server_may_be_tried_again(site, status):
    site.status = status
    with pytest.raises(DownloadError, match=f"answers {status}; try again later"):
        download_month(**MONTH)


def test_a_server_that_is_down_is_named(monkeypatch):
    monkeypatch.setenv("TAXI_SOURCE", "http://127.0.0.1:9/{year}-{month:02d}.parquet")
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9/2023-01\.parquet does not answer"):
        download_month(**MONTH)


def test_a_server_that_falls_silent_is_given_up(site, monkeypatch):
    monkeypatch.setattr(web, "SECONDS", 0.3)
    pause = threading.Event()
    monkeypatch.setattr(_Handler, "do_GET", lambda self: pause.wait(5))
    with pytest.raises(DownloadError, match="does not answer"):
        download_month(**MONTH)
    pause.set()


@pytest.mark.parametrize("content", [b"", b"<html>no such month</html>", "truncated"])
def test_what_is_no_whole_parquet_file_is_not_published(site, tmp_path, scratch, content):
    site.content = site.content[:-100] if content == "truncated" else content
    with pytest.raises(UnusableMonthError) as refused:
        download_month(**MONTH)
    assert str(refused.value) == (
        f"{site.address}/green_2023-01.parquet is no whole parquet file; mend it there, or set "
        "TAXI_SOURCE."
    )
    assert _files(tmp_path / "data") == []
    assert _files(scratch) == []


def test_a_file_is_a_source_too(tmp_path, monkeypatch):
    path = write_month(tmp_path / "a b_2023-01.parquet", rows=100)
    monkeypatch.setenv("TAXI_SOURCE", f"file://{tmp_path}/a%20b_{{year}}-{{month:02d}}.parquet")
    assert download_month(**MONTH)["bytes"] == path.stat().st_size
    with pytest.raises(UnusableMonthError, match=r"2023-03\.parquet does not exist; choose"):
        download_month("green", 2023, 3)


@pytest.mark.parametrize("template", ["file:///x/{jahr}.parquet", "file:///{0}", "file:///{year"])
def test_a_template_with_other_fields_is_refused(monkeypatch, template):
    monkeypatch.setenv("TAXI_SOURCE", template)
    with pytest.raises(UnusableMonthError, match=r"cannot be filled in; use `\{colour\}`"):
        download_month(**MONTH)


@pytest.mark.parametrize("template", ["/data/{year}.parquet", "ftp://host/{year}", "{year}"])
def test_a_template_that_is_no_known_address_is_refused(monkeypatch, template):
    monkeypatch.setenv("TAXI_SOURCE", template)
    with pytest.raises(UnusableMonthError, match="is no address; begin it with https://"):
        download_month(**MONTH)


def test_two_downloads_of_one_month_at_once_do_not_meet(site, scratch):
    address = f"{site.address}/green_2023-01.parquet"
    with downloading._partial(address) as held:
        held.write_bytes(b"half of it")
        assert download_month(**MONTH)["bytes"] == len(site.content)
        assert held.read_bytes() == b"half of it"


def test_a_data_root_that_cannot_be_written_is_named(site, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}/m.parquet/data")
    with pytest.raises(
        storage.StorageError, match=r"m\.parquet/data/taxi/raw/.* cannot be written"
    ):
        download_month(**MONTH)


def test_a_full_scratch_folder_is_named(site, monkeypatch):
    def full(address, partial):
        raise OSError(28, "No space left on device", str(partial))

    monkeypatch.setattr(downloading.source, "fetch", full)
    with pytest.raises(storage.StorageError, match=r"No space left on device.*set TMPDIR"):
        download_month(**MONTH)
