"""The page by keyboard: a filter, findings one after the other, visible focus."""

import pytest
from integration.html.checks import VISIBLE_FILES

pytestmark = pytest.mark.timeout(180)

FINDINGS = "document.querySelectorAll('.finding:not([hidden])').length"
CURRENT = "[...document.querySelectorAll('.finding')].indexOf(document.activeElement)"
TOLD = "document.getElementById('shown').value"


def typed(page, text):
    for character in text:
        page.press(character)


def test_slash_goes_to_the_filter_and_escape_clears_it(shown):
    page = shown()
    page.press("/")
    assert page.evaluate("document.activeElement.id") == "filter"
    assert page.evaluate("document.getElementById('filter').value") == ""
    typed(page, "x.py")
    assert page.evaluate(FINDINGS) == 1
    assert page.evaluate(TOLD) == "1 of 4 findings"
    assert page.evaluate(VISIBLE_FILES) == ["x.py"]
    page.press("Escape")
    assert page.evaluate(FINDINGS) == 4
    assert page.evaluate(TOLD) == "4 findings"
    assert page.evaluate("document.activeElement === document.body")


def test_filter_takes_all_words_and_says_when_there_is_none(shown):
    page = shown()
    page.press("/")
    typed(page, "dp401 taxi")
    assert page.evaluate(FINDINGS) == 1
    typed(page, " nowhere")
    assert page.evaluate(TOLD) == "0 of 4 findings"
    assert page.evaluate(VISIBLE_FILES) == []


def test_severity_rule_and_news_choose_findings(shown):
    page = shown()
    choose = "document.querySelector('{}').click()"
    page.evaluate(choose.format("[name=severity][value=bad]"))
    page.painted()
    assert page.evaluate(FINDINGS) == 2
    page.evaluate(choose.format("[name=severity][value=bad]"))
    page.evaluate(choose.format("[name=new]"))
    page.painted()
    assert page.evaluate(FINDINGS) == 3
    page.evaluate(
        "(s => { s.value = 'DP304'; s.dispatchEvent(new Event('input', {bubbles: true})) })"
        "(document.querySelector('select'))"
    )
    page.painted()
    assert page.evaluate(FINDINGS) == 1


def test_j_and_k_go_from_finding_to_finding(shown):
    page = shown()
    assert page.evaluate(CURRENT) == -1
    went = []
    for key in ("j", "j", "j", "j", "j", "k", "ArrowDown", "ArrowUp", "ArrowUp"):
        page.press(key)
        went.append(page.evaluate(CURRENT))
    assert went == [0, 1, 2, 3, 3, 2, 3, 2, 1]
    border = page.evaluate("getComputedStyle(document.activeElement).borderLeftColor")
    assert border not in {"rgba(0, 0, 0, 0)", "transparent"}


def test_j_opens_a_closed_file_and_skips_what_is_filtered_out(shown):
    page = shown()
    page.evaluate("document.querySelector('.file').open = false")
    page.press("j")
    assert page.evaluate("document.querySelector('.file').open")
    page.evaluate("document.querySelector('[name=severity][value=bad]').click()")
    page.painted()
    page.press("j")
    assert page.evaluate(CURRENT) == 1


def test_keys_can_be_switched_off_and_do_nothing_while_typing(shown):
    page = shown()
    page.press("/")
    typed(page, "jk")
    assert page.evaluate("document.getElementById('filter').value") == "jk"
    page.press("Escape")
    page.evaluate("document.getElementById('keys').click()")
    page.press("j")
    assert page.evaluate(CURRENT) == -1
    page.press("Escape")
    assert not page.evaluate("document.getElementById('keys').checked")


def test_first_tab_is_the_skip_link_and_focus_is_visible(shown):
    page = shown()
    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(12):
        page.press("Tab")
        assert page.evaluate(
            "(e => getComputedStyle(e).outlineStyle !== 'none' && e !== document.body)"
            "(document.activeElement)"
        )


def test_code_leads_to_its_rule(shown):
    page = shown()
    page.evaluate("document.querySelector('.finding a').click()")
    page.painted()
    assert page.evaluate("document.querySelector(':target').id") == "DP101"
    top = page.evaluate("document.querySelector(':target').getBoundingClientRect().top")
    assert 0 <= top < 900
