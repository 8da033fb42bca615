"""Pages and lists of rules, and the way from a word to a rule."""

import dataclasses

import pytest

from dagproof.model import Kind, Rule, Severity, UsageError
from dagproof.reporters.rule_page import find_rule, index, markdown, page, pages, table

MLFLOW = Rule(
    "DP101",
    "mlflow-call-at-import",
    Severity.ERROR,
    Kind.MLFLOW,
    on=True,
    why="Airflow imports every DAG file over and over. " * 3 + "So `mlflow` is called for nothing.",
    fix="Move the call into the task that logs.",
    bad="\nimport mlflow\n\nwith x:\n    mlflow.set_experiment('x')\n",
    good="import mlflow\n",
    check=lambda _: (),
)
SLEEP = dataclasses.replace(
    MLFLOW,
    code="DP109",
    slug="sleep-at-import",
    kind=Kind.SLEEP,
    severity=Severity.WARNING,
    on=False,
)


def test_page_has_all_that_a_rule_says():
    assert (
        page(MLFLOW)
        == """\
DP101 mlflow-call-at-import (error, mlflow)

Why
  Airflow imports every DAG file over and over. Airflow imports every DAG file
  over and over. Airflow imports every DAG file over and over. So `mlflow` is
  called for nothing.

Bad
  import mlflow

  with x:
      mlflow.set_experiment('x')

Good
  import mlflow

Fix
  Move the call into the task that logs.

To allow it
  On one line:
    # dagproof: ignore[DP101] reason
  In some files, by pyproject.toml:
    [tool.dagproof.per-file-ignores]
    "dags/legacy/**" = ["DP101"]
  Everywhere, by pyproject.toml:
    [tool.dagproof]
    ignore = ["DP101"]
"""
    )


def test_documentation_has_the_same():
    assert (
        markdown(dataclasses.replace(MLFLOW, why="It blocks."))
        == """\
# DP101 mlflow-call-at-import (error, mlflow)

## Why

It blocks.

## Bad

```python
import mlflow

with x:
    mlflow.set_experiment('x')
```

## Good

```python
import mlflow
```

## Fix

Move the call into the task that logs.

## To allow it

On one line:

```python
# dagproof: ignore[DP101] reason
```

In some files, by pyproject.toml:

```toml
[tool.dagproof.per-file-ignores]
"dags/legacy/**" = ["DP101"]
```

Everywhere, by pyproject.toml:

```toml
[tool.dagproof]
ignore = ["DP101"]
```
"""
    )


def test_rule_that_is_off_says_so():
    assert page(SLEEP).startswith("DP109 sleep-at-import (warning, sleep, off by default)\n")


def test_rule_that_is_off_says_how_to_look_for_it():
    assert """
Fix
  Move the call into the task that logs.

To look for it
  [tool.dagproof]
  extend-select = ["DP109"]

To allow it
""" in page(SLEEP)
    assert """
## To look for it

```toml
[tool.dagproof]
extend-select = ["DP109"]
```

## To allow it
""" in markdown(SLEEP)


@pytest.mark.parametrize(("ticks", "fence"), [("`", "```"), ("```", "````"), ("`````", "``````")])
def test_code_with_backticks_stays_in_its_block(ticks, fence):
    text = markdown(dataclasses.replace(MLFLOW, bad=f'"""{ticks}x{ticks}"""\n'))

    assert f"## Bad\n\n{fence}python\n" in text
    assert f'{ticks}"""\n{fence}\n' in text


def test_long_words_are_not_taken_apart():
    word = "a-" * 60

    assert f"\n  {word}\n" in page(dataclasses.replace(MLFLOW, why=f"Say {word} loud."))


@pytest.mark.parametrize("chapter", ["why", "fix"])
def test_sentences_are_80_characters_wide_at_most(chapter):
    lines = page(dataclasses.replace(MLFLOW, **{chapter: "a" + " b" * 200})).splitlines()

    assert max(map(len, lines)) == 79  # two blanks, then pairs of a letter and a blank


def test_table_lines_up():
    assert (
        table((MLFLOW, SLEEP))
        == """\
code   slug                   severity                 about
DP101  mlflow-call-at-import  error                    mlflow
DP109  sleep-at-import        warning, off by default  sleep
"""
    )


def test_table_without_rules_is_its_head():
    assert table(()) == "code  slug  severity  about\n"


def test_index_leads_to_the_pages():
    assert (
        index((MLFLOW, SLEEP))
        == """\
# Rules

`dagproof rule CODE` shows the same pages in a terminal.

| code | slug | severity | about |
| --- | --- | --- | --- |
| DP101 | [mlflow-call-at-import](mlflow-call-at-import.md) | error | mlflow |
| DP109 | [sleep-at-import](sleep-at-import.md) | warning, off by default | sleep |
"""
    )


def test_every_rule_has_a_page_that_the_index_leads_to():
    assert pages((MLFLOW, SLEEP)) == {
        "README.md": index((MLFLOW, SLEEP)),
        "mlflow-call-at-import.md": markdown(MLFLOW),
        "sleep-at-import.md": markdown(SLEEP),
    }


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("DP101", MLFLOW),
        ("dp109", SLEEP),
        ("sleep-at-import", SLEEP),
        (" Mlflow_Call_at_import\n", MLFLOW),
    ],
)
def test_rule_is_found_by_code_and_slug(text, rule):
    assert find_rule(text, (MLFLOW, SLEEP)) is rule


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("DP108", "DP109 sleep-at-import, DP101 mlflow-call-at-import"),
        ("DP1", "DP101 mlflow-call-at-import, DP109 sleep-at-import"),
        ("sleeps-on-import", "DP109 sleep-at-import"),
        ("mlflow", "DP101 mlflow-call-at-import"),
    ],
)
def test_refusal_names_the_nearest(text, near):
    with pytest.raises(UsageError) as raised:
        find_rule(text, (MLFLOW, SLEEP))

    assert str(raised.value) == (
        f"There is no rule {text}. Near it: {near}. `dagproof rule` lists all rules."
    )


@pytest.mark.parametrize("text", ["quite-other", ""])
def test_refusal_without_anything_near_names_nothing(text):
    with pytest.raises(UsageError) as raised:
        find_rule(text, (MLFLOW, SLEEP))

    assert str(raised.value) == f"There is no rule {text}. `dagproof rule` lists all rules."


def test_refusal_names_five_at_most():
    rules = [dataclasses.replace(MLFLOW, code=f"DP10{n}", slug=f"slug-{n}") for n in range(9)]

    with pytest.raises(UsageError) as raised:
        find_rule("slug", rules)

    assert str(raised.value).count("DP10") == 5


def test_refusal_commands_no_terminal():
    with pytest.raises(UsageError) as raised:
        find_rule("\x1b[31m", ())

    assert "\\x1b[31m" in str(raised.value)
