"""What is read of addresses that fixtures would not show."""

from pathlib import Path

import pytest

from dagproof.rules.mlflow_addresses import mlflow_addresses
from dagproof.source.file import parse


def read(argument):
    text = f"import mlflow\nHOST = 'here'\nmlflow.set_tracking_uri({argument})\n"
    found = mlflow_addresses(parse(Path("a.py"), "a.py", text.encode()))
    return [(one.text, one.whole) for one in found]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("'a' + HOST + 'b'", [("ahereb", True)]),
        ("'a' + (HOST + 'b') + other + 'c'", [("ahereb", False)]),
        ("other + 'c'", []),
        ("f'{HOST}/{other}'", [("here/", False)]),
        ("f'{HOST!s}'", [("here", True)]),
        ("f'{HOST:>9}'", []),
        ("'a' * 3", []),
        ("5", []),
    ],
)
def test_texts_that_code_puts_together(argument, expected):
    assert read(argument) == expected


def test_sum_of_a_thousand_texts_is_one():
    assert read(" + ".join(["'a'"] * 1_500)) == [("a" * 1_500, True)]
