"""Calls enter the functions of the repository, and note the others."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## arguments by place, by name, by default, and what is left over
def f(a, /, b, c=len, *rest, d=len, **more):
    a()  #!
    c()
    d()
f(get, len)
def g(b=len, *rest, **more):
    b()
    rest[0]()  #!
    more["x"]()  #!
g(len, get, x=get)
def h(*, call): call()  #!
h(call=get)
## a keyword-only default runs
def f(*, a=get(), b): pass  #!
## a function runs with each of its arguments
def f(call): call()  #!
f(len)
f(get)
## a function of two names is called with both
f = get if os.getenv("x") else len
f()  #!
## an object is called by its class
class C:
    def __call__(self, call): call()  #!
C()(get)
class D: ...
D()()
## new, init and post_init run
class A:
    def __new__(cls, call): call()  #!
class B:
    def __init__(self, call): call()  #!
class C:
    def __post_init__(self): get()  #!
A(get), B(get), C()
## the nearest init runs alone
class A:
    def __init__(self): get()
class B(A):
    def __init__(self): len()
B()
## init is inherited
class A:
    def __init__(self): get()  #!
class B(A): ...
B()
## super runs the next one
class A:
    def __init__(self, call): call()  #!
    def m(self, call): call()  #!
class B(A):
    def __init__(self): super().__init__(get)
    def m(self): super().m(get)
B().m()
## super may be told of whom
class A:
    def m(self): get()  #!
class B(A):
    def m(self): len()
class C(B):
    def m(self): super(B, self).m()
C().m()
## super of two bases is the first that has it
class A: ...
class B:
    def m(self): get()  #!
class C(A, B):
    def m(self): super().m(); super().n()
C().m()
## super of a library does nothing
from airflow.sdk import BaseOperator
class B(BaseOperator):
    def __init__(self, **k): super().__init__(**k); super().get_conn()
    def execute(self, context): get()
B(task_id="x")
## a default factory runs with the object
from dataclasses import dataclass, field
@dataclass
class C:
    a: list = field(default_factory=lambda: get())  #!
    b: list = field(default=1)
@dataclass
class D:
    a: list = field(default_factory=lambda: get())
C()
## tasks are not entered
from airflow.sdk import setup, teardown, asset, task_group
@task
def a(x=get()): get()  #!
@task.branch
def b(): get()
@task.kubernetes(image="x")
def c(): get()
@setup
def d(): get()
@asset(schedule=None)
def e(): get()
a(); a.override(task_id="x")(); a.partial(x=1).expand(y=[1]); a.expand_kwargs([{}])
b() >> c() >> d() >> e()
task(lambda: get())
task.python(lambda: get())()
## the function of a task runs
@task
def a(): get()  #!
a.function()
## decorators of other packages that make tasks
from airflow.providers.standard.decorators.python import python_task
from astro import sql as aql
@python_task
def a(): get()
@aql.transform
def b(): get()
a(); b()
## a plain decorator of a library leaves the function
import functools
@functools.lru_cache
def a(): get()  #!
@functools.wraps(len)
def b(): get()  #!
a(); b()
## properties, static methods and class methods
import functools
class C:
    @property
    def a(self): get()  #!
    @functools.cached_property
    def b(self): get()  #!
    @staticmethod
    def c(call): call()  #!
    @classmethod
    def d(cls): cls.c(get)
    e = staticmethod(lambda: get())  #!
    @property
    def f(self): get()
c = C()
c.a, c.b
C.d()
C.e()
c.f if False else None
## a DAG function runs when it is called
@dag(schedule=get())  #!
def one(): get()  #!
@dag
def two(): get()
one()
## a task group runs when it is called
from airflow.sdk import task_group
@task_group
def one(): get()  #!
@task_group(group_id="x")
def two(): get()
@task_group
def three(x): get()  #!
with DAG("x"):
    one()
    three.expand(x=[1])
## a pool runs what it is given, an unknown function does not
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool
def a(): get()  #!
def b(x): get()  #!
def c(): get()
with ThreadPoolExecutor() as pool:
    pool.submit(a)
Pool(2).map(b, [1])
os.register(c)
unknown(c)
## generators that are handed over run
def one(): yield get()  #!
def two(): yield get()  #!
def three(): yield get()
os.write(one())
unknown(two())
os.write([(get() for _ in [1])])  #!
three()
## a decorator that gives nothing leaves the function
def deco(f): print(f)
@deco
def g(): get()  #!
g()
## recursion ends
def f(n):
    get()  #!
    return f(n - 1)
f(3)
## a call through two functions that call each other
def even(n): return odd(n - 1)
def odd(n):
    get()  #!
    return even(n - 1)
even(4)
## closures see what was given to the outer function
def outer(call):
    def inner(): call()  #!
    return inner
outer(len)()
outer(get)()
## partials of partials
from functools import partial
def f(a, b, c): a(), b(), c()  #!
partial(partial(f, len), b=len)(c=get)
partial()
## a method is bound where it is taken
class C:
    def m(self, call): call()  #!
f = C().m
f(get)
C.m(C(), len)
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
