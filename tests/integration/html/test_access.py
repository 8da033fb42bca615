"""The page for everybody: contrast, names, small screens, order, no JavaScript."""

import time
from itertools import pairwise

import pytest
from fixtures.large_report import large
from fixtures.reports import clean, full
from integration.html.checks import CONTRASTS, NAMELESS, OVERFLOWING, SCREENS, SMALL_TARGETS

pytestmark = pytest.mark.timeout(180)


def few():
    """Return the report of a few DAGs."""
    return large(12, 40)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("report", [full, clean, few])
def test_contrast_is_that_of_wcag_aa(shown, report, screen):
    page = shown(report(), **screen)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(CONTRASTS) == []


@pytest.mark.parametrize("width", [375, 320, 768, 1280])
@pytest.mark.parametrize("report", [full, lambda: full(lambda words: words + "w" * 300), few])
def test_page_is_never_wider_than_the_screen(shown, report, width):
    page = shown(report(), width=width)
    page.evaluate(
        "document.querySelectorAll('header details, .card').forEach(one => one.open = true)"
    )
    page.painted()
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_has_a_name_and_room_to_be_hit(shown):
    page = shown(width=375)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(SMALL_TARGETS) == []


def test_heads_are_in_order_and_there_is_one_of_each_landmark(shown):
    page = shown()
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    for name in ("main", "header", "nav", "footer"):
        assert page.evaluate(f"document.querySelectorAll('body > {name}').length") == 1
    assert page.evaluate("document.documentElement.lang") == "en"


def test_marks_are_seen_and_words_say_the_same(shown):
    page = shown()
    told = page.evaluate(
        "[...document.querySelectorAll('.m')].map(m => "
        "[m.dataset.m, getComputedStyle(m, '::before').content, m.textContent.trim()])"
    )
    assert len(told) > 40
    for sign, shown_sign, words in told:
        assert shown_sign.startswith(f'"{sign}"')
        assert words


def test_without_scripts_everything_is_there_but_the_controls(shown):
    page = shown(scripts=False)
    assert page.evaluate("getComputedStyle(document.getElementById('controls')).display") == "none"
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => "
        "{ one.open = true; one.style.contentVisibility = 'visible' })"
    )
    words = ("COULD NOT LOOK", "mlflow.start_run()", "upstream failed", "rmse", "host:443")
    until = time.monotonic() + 10  # what opens is laid out later, where the machine is busy
    while missing := [one for one in words if one not in page.evaluate("document.body.innerText")]:
        assert time.monotonic() < until, missing
