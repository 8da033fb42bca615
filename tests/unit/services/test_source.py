"""Which services are meant, and who decides."""

import pytest

from dagproof.model import Containers, UsageError
from dagproof.services import chosen
from dagproof.services import source as source_module


def test_the_command_line_wins_over_the_environment_and_that_over_settings():
    environ = {"DAGPROOF_SERVICES": "external"}

    assert chosen(environ, "containers", "embedded", Containers()).backend == "containers"
    assert chosen(environ, None, "embedded", Containers()).backend == "external"
    assert chosen({}, None, "containers", Containers()).backend == "containers"


def test_an_image_of_the_environment_wins_over_that_of_the_settings():
    settings = Containers(postgres_image="postgres:16", mlflow_image="ours/mlflow", s3_port=9000)
    environ = {"DAGPROOF_POSTGRES_IMAGE": "mirror/postgres:17", "DAGPROOF_S3_IMAGE": ""}

    assert chosen(environ, None, "containers", settings).containers == Containers(
        postgres_image="mirror/postgres:17", mlflow_image="ours/mlflow", s3_port=9000
    )


def test_an_unknown_backend_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"`DAGPROOF_SERVICES` must be one of `embedded`.*`moon`"):
        chosen({"DAGPROOF_SERVICES": "moon"}, None, "embedded", Containers())


def test_embedded_and_containers_are_kept_by_two_keepers(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path))
    one = chosen({}, "embedded", "embedded", Containers()).kind()
    two = chosen({}, "containers", "embedded", Containers()).kind()
    other = chosen({}, "containers", "embedded", Containers(postgres_port=5433)).kind()

    assert len({one.place.folder, two.place.folder, other.place.folder}) == 3
    assert (one.name, two.name) == ("embedded", "containers")


def test_nothing_keeps_external_services_and_they_need_addresses(monkeypatch):
    monkeypatch.delenv("DAGPROOF_S3_URL", raising=False)
    source = chosen({}, "external", "embedded", Containers())
    with pytest.raises(UsageError, match="external services are there already"):
        source.kind()
    with pytest.raises(UsageError, match="`DAGPROOF_S3_URL`"), source.tenancy(["s3"]):
        pass


def test_the_usual_external_services_are_those_with_an_address():
    source = chosen({}, "external", "embedded", Containers())

    assert source.usual({"DAGPROOF_S3_URL": "http://s3", "DAGPROOF_MLFLOW_URL": ""}) == (
        "postgres",
        "s3",
    )


@pytest.mark.parametrize(("backend", "clients"), [("embedded", False), ("containers", True)])
def test_the_usual_services_are_those_whose_packages_are_installed(monkeypatch, backend, clients):
    asked = []
    monkeypatch.setattr(
        source_module, "installed", lambda *, clients: asked.append(clients) or ("postgres",)
    )

    assert chosen({}, backend, "embedded", Containers()).usual({}) == ("postgres",)
    assert asked == [clients]


def test_external_services_are_kept_by_nobody():
    with pytest.raises(UsageError, match="has nothing to keep"):
        chosen({}, "external", "embedded", Containers()).kind()
