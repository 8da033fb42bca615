"""What Docker says, and what the user hears."""

import pytest

from dagproof.model import UnavailableError
from dagproof.services.containers.complaints import complaint, last_line, no_docker

REFUSED = "('Connection aborted.', PermissionError(13, 'Permission denied'))"
MISSING = "('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (REFUSED, "Docker does not let you in"),
        (MISSING, "Docker does not answer"),
        ("dial tcp: Connection refused", "Docker does not answer"),
        ("TLS handshake\nbad certificate.", r"cannot be reached \(bad certificate\)"),
    ],
)
def test_why_there_is_no_docker(said, sentence):
    error = no_docker(RuntimeError(f"Error while fetching server API version: {said}"))

    assert error.exit_code == 3
    with pytest.raises(UnavailableError, match=sentence):
        raise error
    assert "`--services embedded`" in str(error)


@pytest.mark.parametrize(
    "said",
    [
        "Bind for 127.0.0.1:5433 failed: port is already allocated",
        "listen tcp4 127.0.0.1:5433: bind: address already in use",
    ],
)
def test_a_port_in_use_is_named_with_the_key_that_changes_it(said):
    error = complaint(RuntimeError(said), "mlflow", "image", 5433)

    assert str(error).startswith("The port 5433 for mlflow is in use. Free it")
    assert "`mlflow-port` under [tool.dagproof.containers]" in str(error)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("write /layer: no space left on device"), OSError(28, "No room")],
    ids=["said", "errno"],
)
def test_a_full_disk_gets_its_own_advice(error):
    assert "Docker's data is full" in str(complaint(error, "s3", "image", 0))


@pytest.mark.parametrize(
    "said",
    [
        "404 Client Error: Not Found (No such image: x/y:1)",
        "pull access denied for x/y, repository does not exist",
        "manifest unknown: manifest unknown",
        "Get https://index.example/v2/: dial tcp: lookup index.example: no such host",
        "net/http: i/o timeout",
    ],
)
def test_an_image_that_cannot_be_had_is_named_with_three_ways_out(said):
    error = str(complaint(RuntimeError(said), "postgres", "x/y:1", 0))

    assert error.startswith("The image `x/y:1` for postgres is not there and cannot be pulled")
    assert "`postgres-image` under" in error
    assert "`dagproof services images --without-registry`" in error


def test_anything_else_is_passed_on_in_one_line():
    error = complaint(RuntimeError("500 Server Error\nOCI runtime: exec failed."), "s3", "i", 0)

    assert str(error) == "Docker does not start s3: OCI runtime: exec failed."


def test_what_is_a_sentence_already_stays_one():
    error = UnavailableError("The container of s3 has ended.")

    assert complaint(error, "s3", "i", 0) is error


def test_silence_is_told_as_such():
    assert last_line(" \n ") == "no reason given"
