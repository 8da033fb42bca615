"""An import goes on past what was refused, and is what it was where nothing was."""

import asyncio
import builtins
import contextlib
import importlib.util
import json
import sys
import traceback
from importlib.machinery import SourceFileLoader

import pytest
from forked import forked

from dagproof.import_audit.onward import go_on

NAMES = ("__dagproof_call__", "__dagproof_may_go_on__", "__dagproof_stand_in__")


@pytest.fixture
def watch(watching):
    return watching()


@pytest.fixture
def onward(root, watch, repository):
    """Import a file onward in a child; return what it left as text in `told`."""

    def onward(source, *, refused=1, folder=root):
        path = folder / "onward_file.py"
        path.write_text(source, "utf-8")

        def run():
            go_on(watch, repository)
            watch.refusals = refused
            return executed(path)

        return forked(run)

    return onward


def executed(path):
    loader = SourceFileLoader("onward_file", str(path))
    spec = importlib.util.spec_from_loader("onward_file", loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["onward_file"] = module
    sys.dont_write_bytecode = True
    try:
        loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - that is the question
        last = traceback.extract_tb(error.__traceback__)[-1]
        return (type(error).__name__, str(error), last.lineno)
    return [repr(one) for one in getattr(module, "told", ())]


HEAD = """\
told = []
def boom(*_, **__):
    raise OSError("refused")
class Boom:
    def __enter__(self): raise OSError("refused")
    def __exit__(self, *_): pass
    async def __aenter__(self): raise OSError("refused")
    async def __aexit__(self, *_): pass
    def __iter__(self): raise OSError("refused")
    def __aiter__(self): raise OSError("refused")
    def __getattr__(self, name): raise OSError("refused")
    def __getitem__(self, name): raise OSError("refused")
    def __delitem__(self, name): raise OSError("refused")
    def __setitem__(self, name, value): raise OSError("refused")
    def __add__(self, other): raise OSError("refused")
"""

FAILING = {
    "expression": "boom()",
    "attribute": "Boom().a",
    "assignment": "x = Boom().a\ntold.append(x)",
    "several targets": "x = y = Boom().a\ntold += [x, y]",
    "unpacked": "x, (y, *z) = Boom().a\ntold += [x, y, z]",
    "annotated": "x: int = Boom().a\ntold.append(x)",
    "annotation": "x: Boom().a = 1\ntold.append(x)",
    "augmented": "x = Boom()\nx += 1",
    "item": "Boom()['a'] = 1",
    "deletion": "del Boom()['a']",
    "assertion": "assert Boom().a, 'no'",
    "failed assertion": "assert not told, 'no'\nassert told",
    "with": "with Boom() as x:\n    told.append(x)",
    "with two": "with Boom() as x, Boom() as (y, z):\n    told += [x, y, z]",
    "for": "for x in Boom():\n    told.append(x)",
    "for pairs": "for x, y in Boom():\n    told += [x, y]",
    "break": "for x in Boom():\n    told.append(x)\n    break\nelse:\n    told.append('else')",
    "continue": "for x in Boom():\n    told.append(x)\n    continue\n    told.append('no')",
    "outer loop": "for n in (1, 2):\n    for x in Boom():\n        continue\n    told.append(n)",
    "with in a loop": "for n in (1, 2):\n    with Boom():\n        continue\n    told.append(n)",
    "return": "def f():\n    return Boom().a\ntold.append(f())",
    "call": "told.append(boom(1, *[2], a=3, **{'b': 4}))",
    "nested call": "told.append(str(boom(boom())))",
    "condition": "if boom():\n    told.append('yes')",
    "decorator": "@boom\ndef f(): pass\ntold.append(f)",
    "decorator factory": "@boom('a')\ndef f(): pass\ntold.append(f)",
    "default": "def f(x=boom()): return x\ntold.append(f())",
    "class": "class A:\n    x = Boom().a\n    y = 2\ntold += [A.x, A.y]",
    "base": "class A(boom()): x = 1\ntold.append(A.x)",
    "class decorator": "@boom\nclass A: pass\ntold.append(A)",
    "class that is refused": "class A(int, str):\n    x = 1\nboom()",
    "method": "class A:\n    @boom\n    def f(self): pass\ntold.append(A.f)",
    "coroutine": "@boom\nasync def f(): pass\ntold.append(f)",
    "comprehension": "told += [boom() for _ in range(2)]",
    "asynchronous with": "import asyncio\nasync def f():\n    async with Boom() as x:\n"
    "        told.append(x)\nasyncio.run(f())",
    "asynchronous for": "import asyncio\nasync def f():\n    async for x in Boom():\n"
    "        told.append(x)\n        continue\nasyncio.run(f())",
    "awaited": "import asyncio\nasync def f():\n    x = await boom()\n    told.append(x)\n"
    "asyncio.run(f())",
    "generator": "def g():\n    yield Boom().a\n    yield 2\ntold += list(g())",
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_statement_that_is_refused_goes_on(onward, name):
    told = onward(f"{HEAD}{FAILING[name]}\ntold.append('after')\n")

    assert told[-1] == "'after'"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("assignment", ["<stand-in for result>"]),
        ("several targets", ["<stand-in for result>"] * 2),
        ("unpacked", ["<stand-in for result>"] * 3),
        ("annotated", ["<stand-in for result>"]),
        ("with", ["<stand-in for result>"]),
        ("with two", ["<stand-in for result>"] * 3),
        ("for", ["<stand-in for result>"]),
        ("for pairs", ["<stand-in for result>"] * 2),
        ("break", ["<stand-in for result>"]),
        ("continue", ["<stand-in for result>"]),
        ("outer loop", ["1", "2"]),
        ("with in a loop", []),
        ("return", ["<stand-in for result>"]),
        ("call", ["<stand-in for boom>"]),
        ("nested call", ["'stand-in'"]),
        ("condition", ["'yes'"]),
        ("decorator factory", ["<stand-in for boom()>"]),
        ("decorator", ["<stand-in for result>"]),
        ("base", ["1"]),
        ("class decorator", ["<stand-in for result>"]),
        ("method", ["<stand-in for result>"]),
        ("coroutine", ["<stand-in for result>"]),
        ("class", ["<stand-in for result>", "2"]),
        ("comprehension", ["<stand-in for boom>"] * 2),
        ("asynchronous with", ["<stand-in for result>"]),
        ("asynchronous for", ["<stand-in for result>"]),
        ("generator", ["2"]),
    ],
)
def test_names_and_bodies_get_stand_ins(onward, name, told):
    assert onward(f"{HEAD}{FAILING[name]}\n") == told


@pytest.mark.parametrize(
    "name", sorted(set(FAILING) - {"failed assertion", "class that is refused"})
)
def test_failure_that_is_not_the_audits_is_raised_as_before(onward, root, name):
    source = f"{HEAD}{FAILING[name]}\n"
    path = root / "plain_file.py"
    path.write_text(source, "utf-8")

    plain = forked(executed, path)

    assert plain[:2] == ("OSError", "refused")
    assert onward(source, refused=0)[:2] == plain[:2]


def test_failure_is_raised_at_its_own_line(onward):
    source = "\n\nx = 1\nfor y in (1, 2):\n    with open('/dev/null'):\n        z = [1,\n  1 / 0]\n"

    assert onward(source, refused=0) == ("ZeroDivisionError", "division by zero", 7)


def test_what_ends_the_process_is_never_gone_past(onward):
    with pytest.raises(AssertionError, match="SystemExit"):
        onward("import sys\nsys.exit(3)\n")


def test_file_of_a_library_is_left_as_it_is(onward, tmp_path):
    assert onward("told = []\nint('x')\n", folder=tmp_path)[0] == "ValueError"


def test_file_that_is_no_python_is_told_as_before(onward):
    assert onward("x = (\n")[0] == "SyntaxError"


def test_process_of_the_tests_is_as_it_was(onward):
    onward("x = 1\n")

    assert not any(hasattr(builtins, name) for name in NAMES)


NORMAL = {
    "super": """
class A:
    def __init__(self, x): self.x = x
    @classmethod
    def make(cls): return cls(3)
class B(A):
    def __init__(self, x):
        super().__init__(x)
        super(B, self).__init__(x + 1)
    @classmethod
    def make(cls): return super().make()
told = [B(1).x, B.make().x]
""",
    "namespaces": """
x = 1
def f(a):
    b = 2
    return sorted(locals()), 'x' in globals(), eval('a + b'), sorted(vars()), sorted(dir())
exec('y = x + 1')
told = [f(1), y]
""",
    "generators": """
def g(n):
    got = yield n
    try:
        while True:
            got = yield got
    except ValueError as error:
        yield str(error)
    finally:
        told.append('closed')
    return 'returned'
def outer():
    told.append((yield from g(1)))
told = []
it = outer()
told += [next(it), it.send('a'), it.throw(ValueError('thrown'))]
told.append(next(it, 'end'))
told += list(n * 2 for n in g2()) if False else []
""",
    "stop": """
it = iter([1])
told = [next(it)]
try:
    next(it)
except StopIteration:
    told.append('stopped')
told.append(next(it, 'default'))
""",
    "asynchronous": """
import asyncio
class C:
    async def __aenter__(self): return 'entered'
    async def __aexit__(self, *_): told.append('left')
async def numbers(n):
    for one in range(n):
        await asyncio.sleep(0)
        if one == 2:
            return
        yield one
async def main():
    async with C() as c:
        told.append(c)
    async for one in numbers(5):
        if one == 0:
            continue
        told.append(one)
    return [one async for one in numbers(2)], await asyncio.gather(echo(1), echo(2))
async def echo(x): return x
told = []
told.append(asyncio.run(main()))
""",
    "returns": """
def f(x):
    if x:
        return
    for y in (1, 2, 3):
        if y == 2:
            return y
def g():
    try:
        return 1
    finally:
        told.append('finally')
told = []
told += [f(0), f(1), g()]
""",
    "managers": """
import contextlib
@contextlib.contextmanager
def cm(name):
    told.append('in ' + name)
    try:
        yield name
    except KeyError:
        told.append('swallowed')
    finally:
        told.append('out ' + name)
told = []
with cm('a') as a, cm('b') as b:
    told += [a, b]
    raise KeyError
with contextlib.suppress(ZeroDivisionError):
    1 / 0
    told.append('never')
""",
    "loops": """
told = []
for x in range(5):
    if x == 1: continue
    if x == 3: break
    told.append(x)
else:
    told.append('no')
for x, (y, *z) in [(1, (2, 3, 4))]:
    told += [x, y, z]
else:
    told.append('else')
while True:
    for _ in (1,): pass
    else: break
""",
    "decorators": """
import functools
def twice(function):
    @functools.wraps(function)
    def inner(*a, **k): return function(*a, **k) * 2
    return inner
def times(n):
    return lambda function: lambda *a: function(*a) * n
class A:
    @property
    def p(self): return 3
    @p.setter
    def p(self, value): told.append(value)
    @staticmethod
    def s(): return 4
    @functools.cached_property
    def c(self): return 5
@times(n=3)
@twice
def f(x):
    "Doc."
    return x
told = []
a = A(); a.p = 9
told += [f(2), a.p, A.s(), a.c, f.__name__]
""",
    "classes": """
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple
class E(Enum):
    A = auto()
    B = auto()
@dataclass(frozen=True)
class D:
    x: int
    y: list = field(default_factory=list)
    __private: int = 3
    def get(self): return self.__private
class N(NamedTuple):
    a: int = 1
class Meta(type):
    def __new__(mcs, name, bases, names, **kw):
        return super().__new__(mcs, name, bases, {**names, 'kw': kw})
class M(metaclass=Meta, extra=1): pass
class S:
    __slots__ = ('a',)
    squares = [x * x for x in range(3)]
told = [D(1), D(2).get(), list(E), N(), M.kw, S.squares, D.__annotations__['x']]
""",
    "future": '''
"""A docstring."""
from __future__ import annotations
def f(x: Unknown) -> list[Unknown]:
    """Its own."""
told = [__doc__, f.__doc__, f.__annotations__]
''',
    "scopes": """
def counter():
    n = 0
    def more():
        nonlocal n
        n += 1
        return n
    return more
def put():
    global placed
    placed = 7
c = counter(); c(); put()
if (m := len('abc')) > 2:
    told = [c(), placed, m]
x: int
told.append('x' in globals())
told.append('x' in __annotations__)
""",
    "matching": """
told = []
for value in ({'a': 1, 'b': 2}, [1, 2, 3], 'text', 7):
    match value:
        case {'a': a, **rest}: told += [a, rest]
        case [first, *others]: told += [first, others]
        case str() as text if len(text) == 4: told.append(text)
        case int(n): told.append(n)
""",
    "errors": """
told = []
def f():
    try:
        int('x')
    except ValueError as error:
        raise KeyError('k') from error
try:
    f()
except KeyError as error:
    told += [type(error.__cause__).__name__, error.args]
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise
except ArithmeticError:
    told.append('again')
try:
    raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
except* ValueError as group:
    for one in group.exceptions:
        if one: continue
    told.append('group')
except* TypeError:
    told.append('types')
assert told, 'never'
try:
    assert not told, f'{len(told)} told'
except AssertionError as error:
    told.append(str(error))
""",
    "deleting": """
x = {'a': 1, 'b': 2}
y = 3
del x['a'], y
told = [x, 'y' in globals()]
""",
    "unpacking": """
def f(*a, k=0, **kw): return a, k, sorted(kw.items())
told = [f(*[1, 2], 3, k=4, **{'function': 5, 'self': 6}), {**{'a': 1}}, [*range(2)]]
(a, b), c = (1, 2), 3
x = y = [1]
x += [2]
x[0], x[1] = x[1], x[0]
told += [a, b, c, x, y, (lambda q, *r: (q, r))(1, 2)]
""",
    "texts": """
name = 'a'
told = [f'{name!r:>5}{len(name)}', '%s' % name, 'x'.join(['a', 'b']), b'\\xff'.hex()]
""",
}


@pytest.mark.parametrize("name", NORMAL)
def test_code_keeps_its_meaning_where_nothing_is_refused(onward, root, name):
    source = NORMAL[name].lstrip("\n")
    path = root / "plain_file.py"
    path.write_text(source, "utf-8")

    plain = forked(executed, path)

    assert isinstance(plain, list), plain
    assert plain
    assert onward(source, refused=0) == plain


@pytest.mark.parametrize(
    "module", [json.decoder, contextlib, traceback, asyncio.tasks, importlib.util]
)
def test_real_modules_compile(module, root, watch, repository):
    path = root / "real.py"
    path.write_text(SourceFileLoader("real", module.__file__).get_source("real"), "utf-8")

    def run():
        go_on(watch, repository)
        return SourceFileLoader("real", str(path)).get_code("real") is not None

    assert forked(run)


def test_deep_nesting_does_not_grow_without_bound(root, watch, repository):
    depth = 8
    lines = [f"{'  ' * n}with open('/dev/null') as f{n}:" for n in range(depth)]
    path = root / "deep.py"
    path.write_text("\n".join([*lines, f"{'  ' * depth}told = ['in']"]), "utf-8")

    def run():
        go_on(watch, repository)
        return executed(path)

    assert forked(run) == ["'in'"]
