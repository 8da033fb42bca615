"""A bucket, or a prefix in one, that exists already: marked by an object, emptied page by page."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from dagproof.model import Environment, Progress, UnavailableError
from dagproof.services import addresses
from dagproof.services.external import holder as holders
from dagproof.services.external.holder import Holder
from dagproof.services.external.urls import VARIABLES, S3Url, scrubbed

MARK: Final = ".dagproof"
"""Key of the mark, below the prefix."""

DATA: Final = "data"
"""Where tasks keep theirs, so that a listing of it does not show the mark."""

_PURPOSE: Final = "dagproof deletes all that is beside this object before every test"
_VARIABLE: Final = VARIABLES["s3"]
_BATCH: Final = 1000
_DENIED: Final = (
    "Check the credentials in `{variable}`; they must be allowed to list, read, write and delete "
    "objects, their versions and multipart uploads."
)
_ADVICE: Final = {
    "NoSuchBucket": "Create it: dagproof makes no buckets.",
    "ExpiredToken": "Renew the credentials.",
    "ExpiredTokenException": "Renew the credentials.",
    "RequestExpired": "Renew the credentials, or set this machine's clock.",
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "InvalidAccessKeyId": _DENIED,
    "SignatureDoesNotMatch": _DENIED,
    "403": _DENIED,
    "PermanentRedirect": "Add its region to `{variable}`: `?region=…`.",
    "AuthorizationHeaderMalformed": "Add its region to `{variable}`: `?region=…`.",
}
_UNKNOWN: Final = frozenset({"NotImplemented", "MethodNotAllowed", "501", "405"})
"""What an object store answers that has no versions, or no multipart uploads."""


class ObjectStore:
    """The objects below a prefix.

    Args:
        url: where they are.
        environ: of the process.
        holder: who uses them.
    """

    def __init__(self, url: S3Url, environ: Mapping[str, str], holder: Holder) -> None:
        self._url = url
        self._environ = environ
        self._holder = holder
        self._held = False
        self._client: Any = None

    def environment(self) -> Environment:
        """Return what tasks need to reach them."""
        url, region = self._url, self._region
        found = dict(
            addresses.objects(
                url.endpoint or "",
                key=url.key,
                secret=url.secret,
                region=region,
                data_root=f"{url.root}/{DATA}",
            )
        )
        extra = {"region_name": region}
        if url.endpoint is None:
            del found[addresses.S3_ENDPOINT], found["MLFLOW_S3_ENDPOINT_URL"]
        else:
            extra["endpoint_url"] = url.endpoint
        connection: dict[str, object] = {"conn_type": "aws", "extra": extra}
        if url.key:
            connection |= {"login": url.key, "password": url.secret}
            if self._environ.get("AWS_SESSION_TOKEN"):
                found["AWS_SESSION_TOKEN"] = ""  # that of the shell belongs to another key
        else:
            del found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]
        return found | {"AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection)}

    def inspect(self) -> None:
        """Make sure that there is nothing, or our mark.

        Raises:
            UnavailableError: it does not answer, is in use, or holds what is not ours.
        """
        with self._told():
            self._client = self._connect(attempts=1, seconds=8)
            if self._mark():
                holders.wait_for_predecessor(self._who, self._where, _VARIABLE)
            elif found := next(self._contents(), ""):
                raise UnavailableError(
                    f"{self._where} is neither empty nor marked as dagproof's: it holds {found}. "
                    f"Name an empty bucket in `{_VARIABLE}`, or a prefix, as in `…/bucket/prefix`; "
                    "it will be emptied before every test."
                )

    def prepare(self, _progress: Progress) -> None:
        """Put the mark there, and delete all else.

        Raises:
            UnavailableError: it does not answer, or may not be written.
        """
        with self._told():
            self._client = self._connect(attempts=3, seconds=60)
            self._held = True
            self._write(self._holder.written())
            self._empty()

    def reset(self, _progress: Progress) -> None:
        """Delete all but the mark.

        Raises:
            UnavailableError: it does not answer, or another process uses it.
        """
        with self._told():
            self._holder.must_be(self._who(), self._where, _VARIABLE)
            self._empty()

    def release(self) -> None:
        """Let others use it."""
        if not self._held:
            return
        self._held = False
        with self._told():
            if self._holder.is_same(self._who()):
                self._write(None)

    @property
    def _region(self) -> str:
        known = self._environ
        shell = known.get("AWS_DEFAULT_REGION") or known.get("AWS_REGION")
        return self._url.region or shell or addresses.REGION

    @property
    def _where(self) -> str:
        host = f" at `{self._url.endpoint}`" if self._url.endpoint else ""
        return f"`{self._url.root}`{host}"

    @property
    def _key(self) -> str:
        return f"{self._url.prefix}{MARK}"

    def _connect(self, *, attempts: int, seconds: float) -> Any:
        import boto3
        from botocore.config import Config

        local = urlsplit(self._url.endpoint or "").hostname in {"127.0.0.1", "localhost", "::1"}
        config = Config(
            connect_timeout=4,
            read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            proxies={} if local else None,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.client(
            "s3",
            endpoint_url=self._url.endpoint,
            aws_access_key_id=self._url.key or None,
            aws_secret_access_key=self._url.secret or None,
            region_name=self._region,
            config=config,
        )

    def _mark(self) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._url.bucket, Key=self._key)
        except ClientError as error:
            if _code(error) in {"NoSuchKey", "404"}:
                return {}
            raise
        mark = holders.read_text(answer["Body"].read().decode(errors="replace"))
        ours = mark.get("purpose") == _PURPOSE and mark.get("where") == self._url.root
        return mark if ours else {}

    def _who(self) -> Holder | None:
        return holders.read(self._mark().get("holder"))

    def _write(self, who: object) -> None:
        mark = {"purpose": _PURPOSE, "where": self._url.root, "holder": who}
        body = json.dumps(mark, indent=1).encode()
        self._client.put_object(Bucket=self._url.bucket, Key=self._key, Body=body)

    def _pages(self, operation: str) -> Iterator[dict[str, Any]]:
        from botocore.exceptions import ClientError

        asked = {"Bucket": self._url.bucket, "Prefix": self._url.prefix}
        try:
            yield from self._client.get_paginator(operation).paginate(**asked)
        except ClientError as error:
            if operation == "list_objects_v2" or _code(error) not in _UNKNOWN:
                raise

    def _objects(self) -> Iterator[dict[str, str]]:
        """Yield every version of every object, and every marker that hides one."""
        versions = False
        for page in self._pages("list_object_versions"):
            versions = True
            for found in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                yield {"Key": found["Key"], "VersionId": found["VersionId"]}
        if not versions:
            for page in self._pages("list_objects_v2"):
                yield from ({"Key": found["Key"]} for found in page.get("Contents", []))

    def _uploads(self) -> Iterator[dict[str, str]]:
        for page in self._pages("list_multipart_uploads"):
            for found in page.get("Uploads", []):
                yield {"Key": found["Key"], "UploadId": found["UploadId"]}

    def _contents(self) -> Iterator[str]:
        """Yield what makes it not empty, for a sentence; old versions can be brought back."""
        for found in self._objects():
            yield f"`{found['Key']}`"
        for found in self._uploads():
            yield f"an upload of `{found['Key']}` that has not ended"

    def _empty(self) -> None:
        unwanted = list(self._unwanted())
        for start in range(0, len(unwanted), _BATCH):
            answer = self._client.delete_objects(
                Bucket=self._url.bucket,
                Delete={"Objects": unwanted[start : start + _BATCH], "Quiet": True},
            )
            for error in answer.get("Errors", []):
                raise UnavailableError(
                    f"{self._where} cannot be emptied: `{error.get('Key')}` stays "
                    f"({error.get('Code')}). {_DENIED.format(variable=_VARIABLE)}"
                )
        for upload in list(self._uploads()):
            self._client.abort_multipart_upload(Bucket=self._url.bucket, **upload)

    def _unwanted(self) -> Iterator[dict[str, str]]:
        """Yield all but the newest version of the mark, which is the first that is listed."""
        mark_seen = False
        for found in self._objects():
            if found["Key"] == self._key and not mark_seen:
                mark_seen = True
            else:
                yield found

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what goes wrong in one sentence."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            advice = _ADVICE.get(_code(error), "Check `{variable}`.").format(variable=_VARIABLE)
            raise self._trouble(error, advice) from error
        except (BotoCoreError, OSError, ValueError) as error:
            raise self._trouble(error, f"Check `{_VARIABLE}`.") from error

    def _trouble(self, error: Exception, advice: str) -> UnavailableError:
        said = scrubbed(" ".join(str(error).split()), self._url.secret)[:300].rstrip(".")
        return UnavailableError(f"{self._where} does not answer as it should ({said}). {advice}")


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
