"""Functions of Python's library that call what they are given are followed."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## getattr
getattr(requests, "get")()  #!
getattr(requests, os.getenv("x"))()
getattr(os, "x", get)()  #!
getattr(os)
## map and its like are lazy
map(get, [1])
list(map(get, [1]))  #!
for f in map(lambda x: x, [get]): f()  #!
list(map())
import itertools
list(itertools.starmap(get, [[1]]))  #!
list(map(lambda f, g: g(), [len], [get]))  #!
list(map(lambda x: x, os.environ))
## filter
list(filter(get, [1]))  #!
filter(get, [1])
for f in filter(None, [get]): f()  #!
filter(len)
for x in filter(len, os.environ): x
## reduce
from functools import reduce
reduce(get, [1])  #!
reduce()
## sorted, min and max use their key
sorted([1], key=get)  #!
sorted([get], key=None)[0]()  #!
max([1], key=lambda x: get())  #!
min([get])()  #!
next(iter([get]))()  #!
max(1)
sorted()
next()
sorted(os.environ, key=get)  #!
## containers made of others
for f in list([get]): f()  #!
for f in tuple({get}): f()  #!
for f in reversed([get]): f()  #!
list(os.environ); set()
dict(a=get)["a"]()  #!
dict({"a": get}, b=1)["a"]()  #!
dict(os.environ)
for n, f in enumerate([get]): f()  #!
for n, f in zip([1], [get]): f()  #!
for f, n in zip([get], os.environ, [1]): f()  #!
for f in enumerate(os.environ), zip(1): f
enumerate(), zip()
for a in enumerate(os.environ): a
## special methods run by builtins
class C:
    def __len__(self): get()  #!
    def __str__(self): get()  #!
    def __bool__(self): get()  #!
len(C()), str(C()), bool(C()), len([1]), str(), len(requests.Session())
class D: ...
len(D())
## import by name
__import__("requests").get()  #!
import importlib
importlib.import_module("requests").get()  #!
importlib.import_module(os.getenv("x")).get()
__import__()
## threads and processes run their target
import threading, multiprocessing
def a(): get()  #!
def b(): get()  #!
def c(): get()  #!
threading.Thread(target=a).start()
multiprocessing.Process(None, b).start()
threading.Timer(3, c).start()
threading.Thread(target=get)
threading.Thread().start(), threading.Thread(target=os.getenv).start()
## an exit stack gives what it opens
import contextlib
class C:
    def m(self): get()  #!
with contextlib.ExitStack() as stack:
    stack.enter_context(C()).m()
## a field without a factory
from dataclasses import field
class C: a = field(default=1)
C()
staticmethod(), classmethod()
class D: f = classmethod(lambda c: get())  #!
D.f()
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
