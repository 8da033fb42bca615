"""The page as a whole: one safe file, the same for equal reports."""

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from fixtures.large_report import large
from fixtures.markup import read, structure
from fixtures.reports import clean, full
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.model import Report
from dagproof.reporters.html import render

ATTACK = (
    "</script></style></title></pre><img src=x onerror=alert(1)><!-- ]]> ::error::x"
    "\" onclick='x' 😀\ud83d\0\x1b[31m\u202e\u2028&lt;&#60;<svg/onload=x>{{x}}${x}"
)
BENIGN = "x" * 50  # long enough that labels are cut, as those of any attack are


def attacked(attack):
    return render(full(lambda words: f"{words}{BENIGN}{attack}"))


def test_equal_reports_are_equal_pages():
    assert render(full()) == render(full())


def test_page_can_be_encoded_and_nests():
    assert attacked(ATTACK).encode().startswith(b"<!doctype html>\n<html")
    read(attacked(ATTACK))


def test_attack_makes_no_element_and_no_attribute():
    assert structure(attacked(ATTACK)) == structure(attacked("y"))


def test_attack_is_shown_as_it_is():
    said = read(attacked(ATTACK)).classed("said")[0].text
    assert "<img src=x onerror=alert(1)><!--" in said
    assert r"😀\ud83d\x00\x1b[31m\u202e\u2028&lt;&#60;" in said


@given(
    st.text(
        st.characters(codec=None, exclude_characters="`\n\r\x0b\x0c\x1c\x1d\x1e\x85"), max_size=40
    )
)
@settings(max_examples=25, deadline=None)
def test_any_text_leaves_the_structure_alone(text):
    assert structure(attacked(text)) == structure(attacked("y"))


def test_nothing_runs_but_what_is_ours():
    page = read(render(full()))
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    assert policy.startswith("default-src 'none'; ")
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.one(name).text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'; " in policy
    assert "unsafe" not in policy
    names = {name for one in page.all() for name in one.attributes}
    assert not {name for name in names if name.startswith("on") or name in {"style", "src"}}


def test_every_link_leads_somewhere_in_the_page():
    for report in (full(), clean(), large(20, 60)):
        page = read(render(report))
        ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
        assert len(ids) == len(set(ids))
        links = [one.attributes["href"] for one in page.all("a")]
        assert links
        assert {link[1:] for link in links} <= set(ids)
        assert {link[0] for link in links} == {"#"}


@pytest.mark.parametrize(
    ("report", "title"),
    [
        (Report(files=3), "✓ PASS · dagproof"),
        (replace(full(), stages=()), "✗ FAIL · dagproof"),
        (full(), "? COULD NOT LOOK · dagproof"),
    ],
)
def test_title_is_the_verdict(report, title):
    assert read(render(report)).all("title")[0].text == title


def test_parts_that_hold_nothing_are_left_out():
    page = read(render(Report(files=3)))
    assert not page.all("section")
    assert not page.one("nav").all("a")
    assert [one.attributes["id"] for one in read(render(full())).all("section")] == [
        "findings", "runs", "diff", "imports", "contracts", "rules",
    ]  # fmt: skip


def test_long_texts_are_cut_so_that_the_page_stays_small():
    page = render(full(lambda words: words + "y" * 3_000_000))
    assert len(page) < 3_000_000
    assert "characters left out" in page


def test_many_long_details_share_the_room():
    report = large(10, 2_000)
    long = tuple(replace(one, detail="z" * 50_000) for one in report.findings)
    assert len(render(replace(report, findings=long)).encode()) < 5_000_000


def test_report_of_300_dags_stays_below_5_mb():
    assert len(render(large()).encode()) < 5_000_000


def test_no_address_of_a_network_is_in_the_page():
    page = render(replace(full(), rules=()))
    assert re.findall(r"https?:[^\s\"']*", page) == []
    assert "http%3A//www.w3.org/2000/svg" in page  # the name of a format in the icon


def test_neither_jinja_nor_airflow_is_needed():
    script = (
        "import sys; import dagproof.reporters.html; from dagproof.model import Report;"
        "dagproof.reporters.html.render(Report());"
        "sys.exit(bool({'jinja2', 'airflow', 'markupsafe'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
