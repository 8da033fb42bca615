"""Attributes and items are what was given to them."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## of an object, by its methods and from outside
class C:
    a = len
    def __init__(self): self.b = get
c = C()
c.a(); c.b()  #!
c.d = get
c.d()  #!
c.e()
## of a class, and of its bases
class A:
    a = get
class B(A): ...
B.a()  #!
B().a()  #!
B.c = get
A.c()
B.c()  #!
## of the nearest base
class A:
    def m(self): get()
class B:
    def m(self): len()
class C(B, A): ...
C().m()
class A:
    def m(self): get()  #!
class E(A, B): ...
E().m()
## of a library's base
class S(requests.Session): ...
S().get("x")  #!
S.unheard
## an unknown base is passed over
class A(os.getenv("x") and None, unknown):
    def m(self): get()  #!
A().m()
A().n()
## of the first of several bases
if os.getenv("x"):
    class A:
        def m(self): get()  #!
else:
    class A(object):
        def n(self): get()
class B(A): ...
B().m()
## that an object makes up
class A:
    def __getattr__(self, name): return get
class B(A): ...
B().anything()  #!
B().__doc__
B.anything
class C(requests.Session):
    def __getattr__(self, name): get()
C().anything
## one of several values
class A:
    def m(self): get()  #!
class B:
    def m(self): len()
(A() if os.getenv("x") else B()).m()
## a setter runs
class C:
    @property
    def p(self): return get
    @p.setter
    def p(self, call): call()  #!
    @p.deleter
    def p(self): get()
C().p = get
C().p()  #!
## items by own methods
class C:
    def __getitem__(self, key): get()  #!
    def __setitem__(self, key, call): call()  #!
C()[1]
C()[1] = get
class D: ...
D()[1]
D()[1] = 2
class E(requests.Session): ...
E()["x"]
## methods of a coroutine or generator
def f(): yield get()  #!
def g(): yield get()
f().send(None)
g().close()
## functions of a function
@task
def f(): get()  #!
def g(): get()
f.function()
f.__doc__.x()
g.x()
## lists keep what they are given
a = []
a.append(get)
a[0]()  #!
b = [len]
b.extend([get])
for f in b: f()  #!
c = {}
c.update({"f": get})
c["f"]()  #!
c.update(None); c.append(); b.extend(os.environ)
d = {get}
d.pop()()  #!
for f in d.copy(): f()  #!
e = []
e.insert(0, get)
e.popleft()()  #!
e.index(1)
## dicts give what they hold
for k, f in {"a": get}.items(): f()  #!
for f in {"a": get}.values(): f()  #!
for f in {"a": get}.keys(): f()
{"a": get}.get("a")()  #!
{"a": len}.get("a", get)()
{"a": len}.get("b", get)()  #!
{}.setdefault("a", get)()  #!
## places of a list that is unpacked
a, b = len, get
b()  #!
a()
(a, *b), [c] = (len, get), [get]
c()  #!
a, b = requests.get, 1
x, = os.environ
x.get()
## an item that is given
d = {}
d["f"] = get
d["f"]()  #!
d[os.getenv("x")] = get
d["g"]()  #!
## a name grows no longer than a name can be
x = requests
for _ in os.environ:
    x = x.a.b.c.d.e.f.g.h[1]()
x, = x
get()  #!
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
