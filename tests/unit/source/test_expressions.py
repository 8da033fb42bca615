"""Expressions stand for what Python computes, and their parts run."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## an own name hides a builtin
def open(x): get()  #!
open(1)
## names of a star import are the library's
from requests import *
post("x")  #!
unheard_of
## parts of every expression run
-get()  #!
get() < get()  #!
x = [1][get():get()]  #!
## a conditional expression takes one way where it is known
get() if False else get
None if True else get()
get() if os.getenv("x") else 1  #!
f = (get if os.getenv("x") else len)
f()  #!
## and and or stop where they are known
False and get()
True or get()
None or get()  #!
1 and get()  #!
[] and get()
[1] or get()
f = None or get
f()  #!
## adding lists keeps their functions
for f in [len] + [get]:
    f()  #!
## adding texts gives a text that can be imported
f = __import__("req" + "uests")
f.get()  #!
## adding to an external thing leaves it external
from pathlib import Path
p = Path("a") / "b" + "c"
q = 1 + requests
q.get()  #!
## f-strings run what is in them
f"{get()} {1!r} {1:{get()}}"  #!
m = __import__(f"{'requests'}")
m.get()  #!
## an f-string of unknown parts is no name
m = __import__(f"{os.getenv('x')}requests")
m.get()
## a subscript runs its index
[1][get()]  #!
{"a": get}["a"]()  #!
{"a": len, "b": get}["a"]()
{"a": len, "b": get}[os.getenv("x")]()  #!
## a list knows its places
[len, get][0]()
[len, get][1]()  #!
(*[get],)[0]()  #!
{**{"a": get}}["a"]()  #!
## a walrus binds
if (f := get): pass
f()  #!
## a lambda runs when it is called
f = lambda a=get(): a  #!
g = lambda: get()  #!
h = lambda: get()
g()
## a generator runs when somebody takes from it
one = (get() for _ in [1])
two = (get() for _ in [1])  #!
list(two)
sum(get() for _ in "ab")  #!
## the list of a generator expression runs at once in a comprehension
[x for x in get()]  #!
{x: get() for x in [1] if x}  #!
{get() for x in [1]}  #!
[get() for x in [] ]
[get() for x in [1] if False]
## a comprehension binds its name
[f() for f in [get]]  #!
[g() for f, g in [(len, get)]]  #!
[f() for row in [[get]] for f in row]  #!
## a generator function runs when it is taken from
def one():
    yield get()  #!
def two():
    yield get()
def three():
    yield from one()
a = two()
for x in three(): pass
## what is yielded comes out of the loop
def functions():
    yield get
for f in functions():
    f()  #!
def more():
    yield from functions()
for f in more():
    f()  #!
## yield without a value
def f():
    x = yield
    get()  #!
list(f())
## await runs a coroutine
async def one(): get()  #!
async def two(): await one()
import asyncio
asyncio.run(two())
## starred arguments are known
def call(f, *more, **named): named["g"]()  #!
call(*[len], **{"g": get})
call(*os.listdir, **os.environ, g=len)
## a star in a list of the unknown
[*os.environ][0]
[*map(get, [1])]  #!
## iterating over an own object
class One:
    def __iter__(self): yield get
class Two:
    def __iter__(self): return self
    def __next__(self): return get
class Three:
    def __getitem__(self, n): get()
for f in One(): f()  #!
for f in Two(): f()  #!
for f in Three(): f()
## printing is no use, yet runs what it prints
print(get())  #!
## globals knows names
def f(): get()  #!
globals()["f"]()
globals()["g"] = f
vars()["f"]
locals().get("f")
## super in a function outside of a class is nothing
def f(): return super().f()
f()
get()  #!
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
