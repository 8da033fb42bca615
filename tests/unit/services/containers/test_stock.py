"""Which image is taken: the one that is named, ours, or the official one."""

import pytest
from docker.errors import ImageNotFound

from dagproof.model import Containers, UnavailableError
from dagproof.services.containers import stock
from dagproof.services.containers.recipes import image_names
from dagproof.services.containers.stock import POSTGRES, Stock


class FakeImages:
    """A daemon that has some images, and a registry that has others."""

    def __init__(self, *there, registry=()):
        self.there = set(there)
        self.registry = set(registry)
        self.pulled = []

    def get(self, name):
        if name not in self.there:
            raise ImageNotFound(name)

    def pull(self, name):
        self.pulled.append(name)
        if name not in self.registry:
            raise RuntimeError(f"manifest unknown: {name}")
        self.there.add(name)


@pytest.fixture(autouse=True)
def built(monkeypatch):
    names = []
    monkeypatch.setattr(stock, "build", lambda *what, **how: names.append((what, how)))
    return names


def ours(service):
    return getattr(image_names(), service)


def test_a_named_image_that_is_there_is_taken_without_a_word():
    images, said = FakeImages("mirror/mlflow:1"), []
    found = Stock(images, Containers(mlflow_image="mirror/mlflow:1")).ensure("mlflow", said.append)

    assert (found, images.pulled, said) == ("mirror/mlflow:1", [], [])


def test_a_named_image_that_is_missing_is_pulled_once():
    images, said = FakeImages(registry=["mirror/s3:1"]), []
    shelf = Stock(images, Containers(s3_image="mirror/s3:1"))

    assert shelf.ensure("s3", said.append) == shelf.ensure("s3", said.append) == "mirror/s3:1"
    assert images.pulled == ["mirror/s3:1"]
    assert said == ["Pulling the image `mirror/s3:1`"]


def test_a_named_image_that_cannot_be_pulled_is_told():
    shelf = Stock(FakeImages(), Containers(postgres_image="mirror/postgres:17"))

    with pytest.raises(UnavailableError, match="`mirror/postgres:17` for postgres is not there"):
        shelf.ensure("postgres", print)


@pytest.mark.parametrize("service", ["postgres", "mlflow", "s3"])
def test_an_image_of_ours_that_is_there_is_taken(service, built):
    assert Stock(FakeImages(ours(service)), Containers()).ensure(service, print) == ours(service)
    assert built == []


def test_the_official_postgres_is_pulled_where_we_have_built_none():
    images = FakeImages(registry=[POSTGRES])

    assert Stock(images, Containers()).ensure("postgres", print) == POSTGRES


@pytest.mark.parametrize("service", ["mlflow", "s3"])
def test_an_image_of_ours_that_is_missing_is_built(service, built):
    assert Stock(FakeImages(), Containers()).ensure(service, print) == ours(service)
    assert built == [((image_names(),), {"base": None, "progress": print})]
    assert stock.POSTGRES.startswith("postgres:17")
