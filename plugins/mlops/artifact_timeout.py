"""Gives the upload of large artifacts more time than MLflow's other requests.

MLflow 3 knows no `MLFLOW_ARTIFACT_UPLOAD_TIMEOUT`. What it does know:

- `MLFLOW_HTTP_REQUEST_TIMEOUT`, for each request to the tracking server, and so for each file that
  goes through it (`mlflow-artifacts:`): 120 s, but 30 s within `mlops.tracking`.
- `MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT`, for files that go straight to Google Cloud or Azure.
- Neither, for files that go straight to S3: boto3 gives up after 60 s without a sign of life, and
  no environment variable changes that.

Both are the client's; where the server runs, as in a Helm chart, they change nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mlops.mlflow_session import TrackingError, put_back

VARIABLES: Final = ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT")


@contextmanager
def artifact_timeout(seconds: int) -> Iterator[None]:
    """Give each request of the block so much time, and put the variables back afterwards.

    A request that takes longer is repeated as any other: three tries within `tracked_run`.

    Use it inside `tracked_run`, around the upload alone: a lost MLflow is noticed as late.

    Args:
        seconds: at least 1.

    Raises:
        ValueError: fewer.
        TrackingError: no try was over in time.
    """
    if seconds < 1:
        raise ValueError(f"An upload cannot end in {seconds} s; give it at least one second.")
    with put_back(VARIABLES):
        os.environ.update(dict.fromkeys(VARIABLES, str(int(seconds))))
        from mlflow import MlflowException

        try:
            yield
        except MlflowException as error:
            if "timed out" not in str(error):
                raise
            raise TrackingError(
                f"An upload to MLflow was not over within {seconds} s, however often it was tried; "
                "give `artifact_timeout` more, or look at the store of artifacts."
            ) from error
