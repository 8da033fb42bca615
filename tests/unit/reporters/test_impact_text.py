"""What a change can affect, for a person at a terminal."""

from dagproof.model import Affected, ChangedFile, Comparison, Impact, Related, Span
from dagproof.reporters import impact_text

STEP = Related(Span("dags/a.py", 3, 5, 3, 20), "imports `b`")
ONE = Affected("dags/a.py", ("x", "y"), "dags/b.py", "it imports `dags/b.py`", (STEP,))
CHANGE = Comparison(asked="origin/main", files=(ChangedFile("b"), ChangedFile("c")))


def test_text_has_a_line_for_each_dag_file_and_a_sum():
    assert impact_text.render(Impact(affected=(ONE,), total=1300), CHANGE) == (
        "dags/a.py: it imports `dags/b.py`\n"
        "1 of 1,300 DAG files can be affected by 2 changed files since origin/main.\n"
    )


def test_text_explains_by_file_and_line():
    second = Related(Span("dags/b.py", 7, 1, 7, 2), "names `c.sql`")
    one = Affected("dags/a.py", (), "dags/c.sql", "it imports `b`, which …", (STEP, second))
    text = impact_text.render(Impact(affected=(one,), total=1), CHANGE, explain=True)

    assert text.splitlines()[1:4] == [
        "    dags/a.py:3 imports `b`",
        "  → dags/b.py:7 names `c.sql`",
        "  → dags/c.sql",
    ]


def test_text_names_idle_files_where_it_explains():
    impact = Impact(total=1, idle=("README.md", "x.md"))

    assert "README.md" not in impact_text.render(impact, CHANGE)
    assert impact_text.render(impact, CHANGE, explain=True).splitlines() == [
        "No DAG depends on README.md, x.md.",
        "0 of 1 DAG file can be affected by 2 changed files since origin/main.",
    ]


def test_text_says_why_everything_is_looked_at_once():
    why = "`uv.lock` has changed, which says what is installed."
    same = Affected("dags/b.py", (), "uv.lock", why.removesuffix("."))
    text = impact_text.render(Impact(why, (ONE, same), 2), Comparison(files=(ChangedFile("u"),)))

    assert text.splitlines() == [
        f"Everything: {why}",
        "dags/a.py: it imports `dags/b.py`",
        "dags/b.py",
        "2 of 2 DAG files can be affected by 1 changed file.",
    ]


def test_text_says_nothing_of_changed_files_where_they_are_not_known():
    unknown = Comparison(asked="main", unknown="There is no commit.")
    text = impact_text.render(Impact("There is no commit.", (), 2), unknown)

    assert text.endswith("0 of 2 DAG files can be affected.\n")


def test_text_is_safe_for_a_terminal():
    evil = "\x1b[2J\nx\u202e"
    step = Related(Span(evil, 1, 1, 1, 1), evil)
    one = Affected(evil, (), evil, evil, (step,))
    impact = Impact(evil, (one,), 1, (evil,))
    text = impact_text.render(impact, Comparison(asked=evil), explain=True)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 6
