"""Which buckets are looked at, how far, and what an object says."""

import io

import pytest

from dagproof.services.snapshots import objects as module
from dagproof.services.snapshots.digests import Digests
from dagproof.services.snapshots.objects import Listed, Objects

RUN = "0123456789abcdef" * 2


class _Client:
    def __init__(self, **buckets):
        self.buckets = {name.replace("_", "-"): keys for name, keys in buckets.items()}
        self.asked = []

    def list_buckets(self):
        return {"Buckets": [{"Name": name} for name in self.buckets]}

    def get_paginator(self, name):
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket, Prefix, PaginationConfig):  # noqa: N803 - as boto3 has it
        self.asked.append((Bucket, Prefix))
        most = PaginationConfig["MaxItems"]
        keys = [key for key in self.buckets[Bucket] if key.startswith(Prefix)][:most]
        yield {}
        yield {"Contents": [{"Key": key, "Size": 3, "ETag": f'"{key}"'} for key in keys]}

    def get_object(self, *, Bucket, Key):  # noqa: N803 - the same
        return {"Body": io.BytesIO(f"{Bucket}/{Key}".encode())}


def listed(monkeypatch, client, root):
    monkeypatch.setattr(module, "s3_client", lambda environment: client)
    cut = []
    return [one.address for one in Objects({"DATA_ROOT": root}).listed(cut)], cut


@pytest.mark.parametrize("root", ["s3://dagproof-data", "file:///data", ""])
def test_all_buckets_of_a_store_of_our_own_are_looked_at(monkeypatch, root):
    client = _Client(dagproof_data=["x"], other=["y"])
    addresses, cut = listed(monkeypatch, client, root)
    assert addresses == ["s3://dagproof-data/x", "s3://other/y"]
    assert cut == []


def test_of_a_store_that_others_use_only_the_data_root_is_looked_at(monkeypatch):
    client = _Client(shared=["mine/x", "mine/.dagproof", "mine2/y", "theirs/y"], theirs=["z"])
    assert listed(monkeypatch, client, "s3://shared/mine")[0] == ["s3://shared/mine/x"]
    assert client.asked == [("shared", "mine/")]


def test_a_data_root_that_is_a_bucket_is_looked_at_without_the_mark(monkeypatch):
    client = _Client(shared=["x", ".dagproof", "a/.dagproof"])
    addresses = ["s3://shared/x", "s3://shared/a/.dagproof"]
    assert listed(monkeypatch, client, "s3://shared")[0] == addresses


def test_artifacts_elsewhere_are_looked_at_as_far_as_they_may_be(monkeypatch):
    client = _Client(shared=["mine/x", "mine/1/a"], artifacts=["1/a"])
    monkeypatch.setattr(module, "s3_client", lambda _: client)
    roots = ("s3://artifacts/1/", "s3://forbidden/1/", "s3://shared/mine/1/", "file:///x/")
    found = Objects({"DATA_ROOT": "s3://shared/mine"}).listed([], roots)
    assert [one.address for one in found] == [
        "s3://shared/mine/x",
        "s3://shared/mine/1/a",
        "s3://artifacts/1/a",
    ]


def test_a_listing_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    addresses, cut = listed(monkeypatch, _Client(b=["1", "2", "3"]), "")
    assert addresses == ["s3://b/1", "s3://b/2"]
    assert cut == ["Of bucket `b` only the first 2 objects were compared."]


def test_client_is_made_once_and_only_when_it_is_needed(monkeypatch):
    made = []
    monkeypatch.setattr(module, "s3_client", lambda _: made.append(1) or _Client())
    store = Objects({})
    assert made == []
    store.listed([])
    store.listed([])
    assert made == [1]


def test_an_object_is_told_without_ids(monkeypatch):
    monkeypatch.setattr(module, "s3_client", lambda _: _Client())
    digests = Digests()
    digests.learn({RUN})
    one = Listed("b", f"r/{RUN}", 3, "etag")
    stored = Objects({}).described(one, digests)
    assert (stored.address, stored.size) == ("s3://b/r/*", 3)
    assert stored.digest != "etag", "its content names the run"
    assert Objects({}).described(Listed("b", "x", 3, "etag"), digests).digest == "etag"
