"""The site is built without a warning, and its pages ask nobody else for anything."""

import functools
import os
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from integration.html.browser import CHROMIUM, MISSING, browsing
from unit.docs.blocks import ROOT

ASKED = {
    "script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src",
    "video": "src", "audio": "src", "embed": "src", "object": "data", "use": "href",
}  # fmt: skip
"""Tags that a browser asks for something by, and the attribute that says where."""

OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
HELD_BACK = {"mermaid", "md-source"}
"""Classes by which the theme's script would load from elsewhere: diagrams, and facts of a host."""


class Requests(HTMLParser):
    """What a page asks for, the policy that it sets, and classes that lead to more."""

    def __init__(self):
        super().__init__()
        self.asked, self.policy, self.classes, self.links = [], "", set(), set()

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in ASKED and ASKED[tag] in given and given.get("rel") != "canonical":
            self.asked.append(given[ASKED[tag]])
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "a":
            self.links.add(given.get("href", ""))
        self.classes.update(given.get("class", "").split())


def read(page):
    found = Requests()
    found.feed(page.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, text=True, capture_output=True, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


def test_every_page_is_built(site):
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html")
        built = name.with_name("index.html") if name.name == "README.html" else name
        assert (site / built).is_file(), built


def test_navigation_leads_to_every_page_but_those_of_single_rules(site):
    links = read(site / "index.html").links

    for page in site.rglob("*.html"):
        name = page.relative_to(site).as_posix()
        single = name.startswith("rules/") and name != "rules/index.html"
        assert name in links or single or name in {"404.html", "index.html"}, name


def test_no_page_asks_for_anything_outside(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 100

    for page in pages:
        found = read(page)
        assert found.asked, page
        assert [one for one in found.asked if OUTSIDE.match(one)] == [], page
        assert not found.classes & HELD_BACK, page


def test_every_page_forbids_to_ask_outside(site):
    for page in site.rglob("*.html"):
        sources = read(page).policy.replace(";", " ").split()
        assert sources[:2] == ["default-src", "'self'"], page
        assert [one for one in sources if "//" in one or "*" in one] == [], page


def test_no_style_asks_for_anything_outside(site):
    styles = list(site.rglob("*.css"))
    assert styles

    for style in styles:
        text = style.read_text(encoding="utf-8")
        asked = re.findall(r"url\(\s*[\"']?([^)\"']+)|@import\s+[\"']([^\"']+)", text)
        assert [one for pair in asked for one in pair if OUTSIDE.match(one)] == [], style


def test_commands_can_be_searched_for(site):
    assert "dagproof gate" in (site / "search" / "search_index.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(site):
    """The site, served on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files."""

    def log_message(self, *_):
        """Say nothing of requests."""


SEARCHED = """
new Promise((done, gone) => {
  const look = () => {
    const found = document.querySelectorAll(".md-search-result__item").length
    found ? done(found) : performance.now() > 60000 ? gone("nothing") : setTimeout(look, 100)
  }
  look()
})
"""


@pytest.mark.skipif(not CHROMIUM, reason=MISSING)
def test_browser_asks_this_site_alone_and_search_finds(address, tmp_path):
    with browsing(tmp_path) as browser:
        page = browser.page()
        page.send("Page.navigate", url=f"{address}/reference/commands.html?q=baseline")

        assert page.evaluate(SEARCHED) > 1
        assert page.asked
        assert [one for one in page.asked if not one.startswith((address, "data:", "blob:"))] == []
        assert page.said == []
