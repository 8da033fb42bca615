"""A Chromium for the tests of the page, and pages of reports."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fixtures.reports import full
from integration.html.browser import CHROMIUM, MISSING, Browser, Page, browsing

from dagproof.model import Report
from dagproof.reporters.html import render


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not CHROMIUM:
        pytest.skip(MISSING)
    with browsing(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture
def shown(browser, tmp_path) -> Iterator[Callable[..., Page]]:
    """Yield what shows a report in a page of its own."""
    pages = []

    def show(report: Report | None = None, *, fragment: str = "", **screen) -> Page:
        path = Path(tmp_path, "report.html")
        path.write_text(render(full() if report is None else report), encoding="utf-8")
        page = browser.page()
        pages.append(page)
        page.emulate(**screen)
        page.open(path, fragment)
        return page

    yield show
    for page in pages:
        page.close()
