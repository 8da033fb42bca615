"""Which requests write, in the calls that the installed MLflow and S3 clients really make."""

import pytest

from dagproof.services.faults.answers import answer, writes

READS = {
    "calculate-filter-correlation",
    "batchGetInfos",
    "experiments/search",
    "experiments/search-datasets",
    "datasets/search",
    "get-latest-versions",
    "graphql",
    "issues/search",
    "jobs/search",
    "logged-models/search",
    "presigned-download-url",
    "runs/search",
    "traces/metrics",
    "traces/search",
}


def test_of_all_calls_of_mlflow_by_post_only_those_that_look_are_reads():
    handlers = pytest.importorskip("mlflow.server.handlers", reason="MLflow is not installed")
    posts = {path for path, _, methods in handlers.get_endpoints() if "POST" in methods}
    reads = {path for path in posts if not writes("mlflow", "POST", path)}
    assert {path for path in reads if not path.endswith(tuple(READS))} == set()
    assert {name for name in READS if not any(path.endswith(name) for path in posts)} == set()


@pytest.mark.parametrize(
    ("service", "method", "target", "expected"),
    [
        ("mlflow", "POST", "/api/2.0/mlflow/runs/search", False),
        ("mlflow", "POST", "/api/2.0/mlflow/runs/search?a=1", False),
        ("mlflow", "POST", "/api/2.0/mlflow/runs/create", True),
        ("mlflow", "POST", "/api/2.0/mlflow/runs/log-batch", True),
        ("mlflow", "POST", "/api/2.0/mlflow/registered-models/get-latest-versions", False),
        ("mlflow", "POST", "/api/2.0/mlflow-artifacts/mpu/create/a/search", True),
        ("mlflow", "GET", "/api/2.0/mlflow/runs/get", False),
        ("mlflow", "PATCH", "/api/2.0/mlflow/registered-models/update", True),
        ("mlflow", "PUT", "/api/2.0/mlflow-artifacts/artifacts/a", True),
        ("s3", "PUT", "/bucket/search", True),
        ("s3", "POST", "/bucket?delete", True),
        ("s3", "POST", "/bucket/key?select&select-type=2", False),
        ("s3", "DELETE", "/bucket/key", True),
        ("s3", "HEAD", "/bucket/key", False),
    ],
)
def test_requests_that_write_are_known(service, method, target, expected):
    assert writes(service, method, target) is expected


def test_answer_to_head_has_the_length_of_a_body_and_none():
    whole = answer("s3", 503, "s3:readonly", head_only=False, closes=False)
    head, _, body = whole.partition(b"\r\n\r\n")
    assert answer("s3", 503, "s3:readonly", head_only=True, closes=False) == head + b"\r\n\r\n"
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"<Code>SlowDown</Code>" in body
    assert b"Connection" not in head


def test_answer_that_closes_says_so():
    assert b"\r\nConnection: close\r\n" in answer("s3", 500, "", head_only=False, closes=True)
