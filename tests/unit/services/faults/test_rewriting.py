"""Addresses are found and replaced wherever the environment names them, and nowhere else."""

import json

import pytest

from dagproof.model import UsageError
from dagproof.services import addresses as made
from dagproof.services.faults.rewriting import addresses, rewritten

ENVIRONMENT = {
    **made.metadata("postgresql+psycopg2://user:p%40w@127.0.0.1:5432/airflow"),
    **made.tracking("http://127.0.0.1:5000"),
    **made.objects("http://127.0.0.1:50001"),
    "MLFLOW_REGISTRY_URI": "http://127.0.0.1:5000/",
    "OTHER": "http://127.0.0.1:50000 http://127.0.0.1:5000.example 127.0.0.1:5000",
}


def moved(environment, *services):
    found = addresses(environment, services)
    return rewritten(environment, {one: 7000 + at for at, one in enumerate(found.values())})


def test_only_variables_of_services_with_a_fault_change():
    assert moved(ENVIRONMENT, "mlflow") == {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:7000",
        "MLFLOW_REGISTRY_URI": "http://127.0.0.1:7000/",
    }


def test_credentials_and_database_stay():
    url = "postgresql+psycopg2://user:p%40w@127.0.0.1:7000/airflow"
    assert moved(ENVIRONMENT, "postgres") == {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}


def test_address_is_replaced_inside_of_a_connection_as_well():
    changed = moved(ENVIRONMENT, "postgres", "s3")
    connection = json.loads(changed["AIRFLOW_CONN_AWS_DEFAULT"])
    assert connection["extra"]["endpoint_url"] == "http://127.0.0.1:7001"
    assert changed["AWS_ENDPOINT_URL"] == changed["MLFLOW_S3_ENDPOINT_URL"]
    assert "DATA_ROOT" not in changed


@pytest.mark.parametrize(
    ("url", "host", "port", "new"),
    [
        ("http://mlflow", "mlflow", 80, "http://127.0.0.1:7000"),
        ("http://u:p@mlflow/x", "mlflow", 80, "http://u:p@127.0.0.1:7000/x"),
        ("http://[::1]:5000", "::1", 5000, "http://127.0.0.1:7000"),
        ("http://MLflow.Corp:5000/a", "mlflow.corp", 5000, "http://127.0.0.1:7000/a"),
    ],
)
def test_addresses_are_understood_however_they_are_written(url, host, port, new):
    environment = {"MLFLOW_TRACKING_URI": url}
    found = addresses(environment, ["mlflow"])["mlflow"]
    assert (found.host, found.port) == (host, port)
    assert moved(environment, "mlflow") == {"MLFLOW_TRACKING_URI": new}


@pytest.mark.parametrize(
    ("environment", "service", "match"),
    [
        ({}, "s3", "needs `s3` among the services of the run; there are none. List"),
        (made.tracking("http://x"), "postgres", "`postgres` .* there are `mlflow`"),
        (
            made.tracking("https://x"),
            "mlflow",
            "whose address in `MLFLOW_TRACKING_URI` asks for TLS",
        ),
        (made.tracking("sqlite:///x.db"), "mlflow", "`MLFLOW_TRACKING_URI` names no host"),
        (made.tracking("/mlruns"), "mlflow", "names no host"),
        (made.tracking("http://x:99999"), "mlflow", "names no host"),
        (made.metadata("postgresql:///db?host=/run"), "postgres", "names no host"),
        (made.metadata("mysql://x/db"), "postgres", "names no host"),
        (made.metadata("postgresql://x/db?sslmode=verify-full"), "postgres", "asks for TLS"),
    ],
)
def test_service_that_no_proxy_can_stand_before_is_refused(environment, service, match):
    with pytest.raises(UsageError, match=match):
        addresses(environment, [service])
