"""Databases that exist already, and what holds them."""

import os
from urllib.parse import quote

import pytest
from integration.external_urls import PASSWORD, new_database

from dagproof.model import UnavailableError
from dagproof.services import embedded
from dagproof.services.external import external


@pytest.fixture(scope="module")
def server(cache):
    """Give an embedded tenancy, whose Postgres plays one that exists already."""
    with embedded(["postgres"], cache=cache) as tenancy:
        tenancy.wait()
        yield tenancy


@pytest.fixture
def url(server):
    """Give the address of a new database, by an ordinary user who owns it."""
    return new_database(server)


@pytest.fixture
def hold():
    """Give a function that holds the database at an address."""

    def hold(url, progress=lambda _: None):
        environ = {**os.environ, "DAGPROOF_POSTGRES_URL": url}
        return external(["postgres"], environ, progress=progress)

    return hold


@pytest.fixture
def refusal(hold):
    """Give a function that returns why the database at an address is refused."""

    def refusal(url):
        with hold(url) as tenancy, pytest.raises(UnavailableError) as caught:
            tenancy.wait()
        text = str(caught.value)
        assert PASSWORD not in text
        assert quote(PASSWORD, safe="") not in text
        return text

    return refusal


@pytest.fixture
def swap():
    """Give a function that returns an address with another host, user, password or database."""

    def swap(url, **parts):
        user, _, rest = url.removeprefix("postgresql://").partition(":")
        password, _, rest = rest.partition("@")
        host, _, name = rest.partition("/")
        found = {"user": user, "password": password, "host": host, "name": name, **parts}
        return "postgresql://{user}:{password}@{host}/{name}".format(**found)

    return swap
