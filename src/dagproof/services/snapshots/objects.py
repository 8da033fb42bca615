"""The objects of a tenancy's buckets."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from dagproof.model import Environment, Stored
from dagproof.services.addresses import DATA_BUCKET
from dagproof.services.clients import s3_client
from dagproof.services.external.objects import MARK
from dagproof.services.snapshots.digests import Digests

MOST: Final = 20_000
"""Objects of one bucket that are looked at."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells it."""

    bucket: str
    key: str
    size: int
    etag: str

    @property
    def address(self) -> str:
        """Where it is."""
        return f"s3://{self.bucket}/{self.key}"


class Objects:
    """The object store behind one environment.

    In a store of our own all buckets are looked at; in one that others use as well, only what is
    below the data root, and MLflow's artifacts as far as they may be listed.

    Args:
        environment: of the services.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._made: Any = None

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = s3_client(self._environment)
        return self._made

    def listed(self, cut: list[str], roots: Iterable[str] = ()) -> list[Listed]:
        """Return what is there.

        Args:
            cut: takes a sentence for what is not looked at.
            roots: addresses below which MLflow keeps artifacts.
        """
        root = self._environment.get("DATA_ROOT", "")
        if not root.startswith("s3://") or root == f"s3://{DATA_BUCKET}":
            buckets = self._client.list_buckets()["Buckets"]
            return [one for found in buckets for one in self._in(found["Name"], "", cut)]
        found = list(self._below(root, cut))
        mark = f"{root.rstrip('/')}/{MARK}"
        for other in roots:
            if other.startswith("s3://") and not other.startswith(f"{root}/"):
                with contextlib.suppress(Exception):  # nobody said that we may list them
                    found += self._below(other, [])
        return [one for one in found if one.address != mark]

    def described(self, one: Listed, digests: Digests) -> Stored:
        """Return an object with a digest of its bytes."""
        key = (one.address, one.etag, one.size)
        digest = digests.digest(key, one.size, one.etag, lambda: self._bytes(one))
        return Stored(digests.plain(one.address), one.size, digest)

    def _below(self, root: str, cut: list[str]) -> Iterator[Listed]:
        bucket, _, prefix = root.removeprefix("s3://").partition("/")
        return self._in(bucket, f"{prefix.rstrip('/')}/" if prefix else "", cut)

    def _in(self, bucket: str, prefix: str, cut: list[str]) -> Iterator[Listed]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, PaginationConfig={"MaxItems": MOST + 1}
        )
        number = 0
        for page in pages:
            for found in page.get("Contents", ()):
                number += 1
                if number > MOST:
                    cut.append(f"Of bucket `{bucket}` only the first {MOST} objects were compared.")
                    return
                yield Listed(bucket, found["Key"], int(found["Size"]), found["ETag"].strip('"'))

    def _bytes(self, one: Listed) -> bytes:
        body: bytes = self._client.get_object(Bucket=one.bucket, Key=one.key)["Body"].read()
        return body
