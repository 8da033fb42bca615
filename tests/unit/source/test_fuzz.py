"""No program, however strange, ends reading with an exception or keeps it from ending."""

import io
import time
import tokenize
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linting import FIXTURES

from dagproof.rules import READING
from dagproof.rules.reader import Reader

SECONDS = 2.0
"""Of processor time, for one small program: much more than any of them needs."""

TOP = Path("/nowhere/repo")
FILES = sorted(
    path
    for path in FIXTURES.glob("DP1[01]*/**/*.py")
    if "DP100" not in path.parts and path.stat().st_size
)

NAMES = (
    "a", "b", "c", "self", "f", "g", "Client", "DAG", "dag", "task", "requests", "os", "open",
    "print", "helper", "globals", "super", "x",
)  # fmt: skip
CONSTANTS = (
    "0", "1", "-1", "'a'", "'https://x'", "b'a'", "None", "True", "...", "1e999", "2j", "''",
    "0xffffffffffff",
)  # fmt: skip
EXPRESSIONS = """
E(A)|E(A)|E(A)|E(A)|E.N|E.N|E[E]|(E+E)|(E or E)|(E and E)|(E == E)|(E >> E)|(not E)
(lambda N=E: E)|(lambda N, *a, **k: E)|(yield E)|(yield from E)|(N := E)|[E, *E]|{E: E, **E}
{E, E}|(E if E else E)|dict(A)|(E,)|[E for N in E if E]|(E for N in E)|{E: E for N, x in E}
getattr(E, 'N')|map(E, E)|filter(E, E)|sorted(E, key=E)|partial(E, A)|next(E)|iter(E)
__import__(E)|f"{N!r:{N}}{N}"|super().N(A)|E.append(E)|E.extend(E)|E.update(E)|E.items()
E.get(E)|E.partial(A)|E.expand(A)|E.override(A)(A)|setattr(E, E, E)|globals()|list(E)
reduce(E, E)|type(E)|field(default_factory=E)|E[E:E]|-E
"""
ARGUMENTS = ("", "E", "E", "E, E", "*E", "**E", "E, N=E", "*E, **E", "N=E, x=E")
LINES = """
E|E|E|E|N = E|N = E|N = E|N, *x = E|[N, (b, c)] = E|N.N = E|N[E] = E|N += E|N.N ^= E
N[E] -= E|del N|del N[E]|N: E = E|return E|raise E|global N|nonlocal N|from os import *
import os.path as N|assert E, E|from . import N|from .N import *|from .. import N|import N.N
from N import N|from helper import *|yield|import sys; sys.path.insert(0, E)|N = await E
continue|break|from functools import partial, reduce|globals()[E] = E|N = N(N)|N = [N, N]
from airflow.sdk import DAG, dag, task, task_group|N = N + N|import importlib as N|N.N = N
from __future__ import annotations|from dataclasses import field
"""
HEADS = """
if E:|if E:|if __name__ != '__main__':|if E is None:|while E:|while True:|for N in E:
for N, x in E:|with E as N:|with DAG('x') as N:|with E, E as (N, x):|try:|match E:
def N(N=E, *a, **k):|def N(self, x):|def N():|async def N(self, x):|class N(E):|class N:
@E;def N(x):|@task;def N(x):|@dag(schedule=None);def N(x=E):|@property;def N(self):
@E;class N(E):|@N.setter;def N(self, x):|@task_group;def N(*, x: E = E) -> E:
@staticmethod;def N():|@classmethod;def N(self):|async for N in E:|def __call__(self, *a):
@E;@E;def N(a, /, b, *, c=E):|def __init__(self, x):|def __iter__(self):
def __next__(self):|def __enter__(self):
"""


def pick(chance: Random, patterns: str) -> str:
    """Return one of the patterns of a text."""
    return chance.choice(patterns.strip("\n").replace("\n", "|").split("|"))


def filled(pattern: str, chance: Random, depth: int) -> str:
    """Return a pattern with its capitals replaced by names, arguments and expressions."""
    parts: list[str] = []
    for position, letter in enumerate(pattern):
        around = pattern[max(position - 1, 0) : position + 2]
        if letter not in "ENA" or any(one.isalpha() and one != letter for one in around):
            parts.append(letter)
        elif letter == "N":
            parts.append(chance.choice(NAMES))
        elif letter == "A":
            parts.append(filled(chance.choice(ARGUMENTS), chance, depth))
        elif depth <= 0 or chance.random() < 0.4:
            parts.append(chance.choice(NAMES if chance.random() < 0.7 else CONSTANTS))
        else:
            parts.append(filled(pick(chance, EXPRESSIONS), chance, depth - 1))
    return "".join(parts)


def block(chance: Random, depth: int) -> list[str]:
    """Return the lines of some statements."""
    lines: list[str] = []
    for _ in range(chance.randint(1, 4)):
        if depth <= 0 or chance.random() < 0.5:
            lines.append(filled(pick(chance, LINES), chance, 3))
            continue
        head = pick(chance, HEADS)
        lines += filled(head, chance, 2).split(";")
        inner = [f" {line}" for line in block(chance, depth - 1)]
        if head == "match E:":
            cases = [f" case {{'a': [{chance.choice(NAMES)}, *x]}} if a:", " case f(b=c) | c:"]
            inner = [line for case in cases for line in (case, *(f" {one}" for one in inner))]
        lines += inner
        if head == "try:":
            lines += ["except E as x:", " pass", "else:", *inner, "finally:", *inner]
        elif head.startswith(("if", "while", "for")) and chance.random() < 0.3:
            lines += ["else:", *inner]
    return lines


def program(chance: Random) -> bytes:
    """Return a program, mostly one that Python can parse."""
    head = "from airflow.sdk import DAG, dag, task, task_group\nimport requests, os\n"
    return (head + "\n".join(line for _ in range(3) for line in block(chance, 4))).encode()


def check(files: dict[str, bytes]) -> bool:
    """Read files as one repository; no rule stumbles and time is bounded.

    Returns:
        Whether all of them are Python.
    """
    texts = {TOP / name: data for name, data in files.items()}
    reader = Reader(
        [TOP], TOP, read=texts.__getitem__, show=str, rules=READING, entries=set(texts),
        names=True, keep=False,
    )  # fmt: skip
    listing = {Path(name).stem: frozenset({"module"}) for name in files}
    reader.finder._listings[TOP] = listing
    started = time.process_time()
    try:
        for path in texts:
            reader.read(path)
        seconds = time.process_time() - started
        assert seconds < SECONDS
        for record in reader.records.values():
            for finding in record.findings:
                assert "a defect of dagproof" not in finding.message, finding.message
    except BaseException:
        for name, data in files.items():
            print(f"# {name}\n{data.decode('utf-8', 'replace')}")
        raise
    return all(record.problem is None for record in reader.records.values())


@pytest.mark.parametrize("seed", range(4))
def test_random_programs_are_read(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same programs each time
    good = [check({"dag.py": program(chance), "helper.py": program(chance)}) for _ in range(100)]
    assert sum(good) > 20, "most programs are no Python: they prove nothing"


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.text(max_size=60))
def test_random_bytes_are_read(data: bytes, text: str) -> None:
    check({"a.py": data, "b.py": text.encode("utf-8", "surrogatepass"), "c.py": b"import a, b"})


def damaged(parts: list[str], chance: Random) -> str:
    """Return parts with a few of them left out, doubled, exchanged or replaced."""
    for _ in range(chance.randint(1, 4)):
        one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.randrange(4):
            case 0 if len(parts) > 1:
                del parts[one]
            case 1:
                parts.insert(other, parts[one])
            case 2:
                parts[one], parts[other] = parts[other], parts[one]
            case _:
                parts[one] = parts[other]
    return "".join(parts)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text with the space before each."""
    lines = text.splitlines(keepends=True)
    parts: list[str] = []
    row, column = 1, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            continue
        start, begin = token.start
        space = lines[start - 1][column if start == row else 0 : begin]
        parts.append(space + token.string)
        row, column = token.end
    return parts


def test_tokens_are_the_whole_text() -> None:
    for path in FILES:
        assert "".join(tokens(path.read_text("utf-8"))) == path.read_text("utf-8")


@pytest.mark.parametrize("part", ["lines", "tokens"])
@pytest.mark.parametrize("seed", range(2))
def test_damaged_fixtures_are_read(part: str, seed: int) -> None:
    chance = Random(f"{part}{seed}")  # noqa: S311 - the same damage each time
    for path in FILES:
        text = path.read_text("utf-8")
        parts = text.splitlines(keepends=True) if part == "lines" else tokens(text)
        check({path.name: damaged(parts, chance).encode("utf-8")})
