"""Statements run in the order, and on the branches, on which Python runs them."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## code behind sys.exit never runs
import sys
get()  #!
sys.exit("no")
get()
## code behind a function that never returns does not run
def leave(): raise SystemExit
leave()
get()
## a function that raises NotImplementedError may return where it is overridden
def later():
    raise NotImplementedError("in a subclass")
later()
get()  #!
## a string that stands alone does nothing
"get()"
get  # a name neither
## every target of an assignment gets the value
a = b = get
b()  #!
## an annotation without a value assigns nothing
x: int
y: object = get()  #!
## an annotation is evaluated only where it is a call
def f(a: get() = None) -> get(): ...  #!
## annotations of names run but in functions
x: get() = 1  #!
class C:
    y: get()  #!
    def m(self): z: get() = 1
def f():
    z: get() = 1
f()
C().m()
## postponed annotations do not run
from __future__ import annotations
x: get() = 1
def f(a: get() = None) -> get(): ...
## an augmented name keeps the functions of its list
calls = [len]
calls += [get]
for one in calls:
    one()  #!
## an augmented attribute or item runs its value
class C: n = 0
C.n += get()  #!
d = {}
d["a"] += get()  #!
d[get()] += 1  #!
## del forgets a name, and the builtin is back
open = get
open()  #!
del open
open
## del of an item runs its key
d = {}
del d[get()]  #!
## del of an attribute is no call
del os.a, (d)
get()  #!
## both branches run where a test is not known
if os.getenv("x"):
    get()  #!
else:
    get()  #!
get()  #!
## nothing runs behind branches that both leave
def f():
    if os.getenv("x"):
        return 1
    else:
        raise ValueError
    get()
f()
## one branch that leaves is not both
def f():
    if os.getenv("x"):
        return 1
    get()  #!
f()
## a name given on one branch keeps both values
f = len
if os.getenv("x"):
    f = get
f()  #!
## a loop over nothing does not run, its else does
for x in []:
    get()
else:
    get()  #!
## a loop's body, and code behind break and continue
for x in [1]:
    get()  #!
    continue
    get()
while os.getenv("x"):
    break
    get()
## while True without break has no end
while True:
    get()  #!
get()
## while True with break ends
while True:
    if get(): break  #!
get()  #!
## while False runs nothing
while False:
    get()
else:
    get()  #!
## with runs enter, body and exit in order
class C:
    def __enter__(self): return get
    def __exit__(self, *a): get()  #!
with C() as f:
    f()  #!
## with gives what a generator yields
from contextlib import contextmanager
@contextmanager
def opened():
    get()  #!
    yield get
    get()  #!
with opened() as f, open("x") as g:
    f()  #!
## code behind a with that may suppress runs
import contextlib
def f():
    with contextlib.suppress(OSError):
        raise OSError
    get()  #!
f()
## code behind a with that does not suppress does not
def f():
    with DAG("x"):
        return 1
    get()
f()
## async with and async for run as their likes do
async def f():
    async with get() as a:  #!
        pass
    async for x in get():  #!
        pass
import asyncio
asyncio.run(f())
## try runs body, else, handlers and finally
try:
    get()  #!
except OSError as error:
    get()  #!
else:
    get()  #!
finally:
    get()  #!
## try that leaves everywhere ends the block
def f():
    try:
        return 1
    except OSError:
        raise
    get()
f()
## finally that returns ends the block
def f():
    try:
        pass
    finally:
        return 1
    get()
f()
## except star runs too
try:
    pass
except* OSError:
    get()  #!
## every case of a match runs, and its guard
match os.getenv("x"):
    case 1 if get(): pass  #!
match 1:
    case [a, *b] if get():  #!
        get()  #!
    case {"k": c, **d}:
        get()  #!
## nothing runs behind a match whose cases all leave
def f(x):
    match x:
        case 1: return 1
        case _: return 2
    get()
def g(x):
    match x:
        case 1: return 1
        case other: raise ValueError
    get()
f(1), g(1)
## code behind a match that may pass runs
def f(x):
    match x:
        case 1: return 1
        case [_]: return 2
    get()  #!
def g(x):
    match x:
        case 1: return 1
        case _ if os.x: return 2
    get()  #!
def h(x):
    match x:
        case 1: pass
        case _: return 2
    get()  #!
def i(x):
    match x:
        case [1] as y: return y
    get()  #!
f(1), g(1), h(1), i(1)
## a captured name hides what it was
f = get
match os.getenv("x"):
    case {"a": f}: pass
f()  #!
## a decorated function is what the decorator returns
def deco(f):
    get()  #!
    return lambda: f
@deco
def g():
    get()  #!
g()()
## a class body runs, its methods do not
class C:
    a = get()  #!
    def m(self): get()
## a class is what its decorator returns
def deco(c): return get
@deco
class C: ...
C()  #!
## keywords and bases of a class run
class C(get(), metaclass=get()): ...  #!
## __init_subclass__ gets class and keywords
class A:
    def __init_subclass__(cls, call=None): call()  #!
class B(A, call=get): ...
## global writes outside
f = len
def g():
    global f
    f = get
g()
f()  #!
## nonlocal is no error
def f():
    x = 1
    def g():
        nonlocal x
        x = get()  #!
    g()
f()
## assert runs its test
assert get()  #!
## raise runs what it raises
def f():
    raise get()  #!
try: f()
except OSError: pass
## return outside of a function ends nothing worse
if os.getenv("x"):
    pass
get()  #!
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
