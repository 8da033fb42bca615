"""A file is called steady only where no two imports of it can differ."""

import ast
import itertools
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.audit.steady import is_steady

HEAD = """\
from datetime import datetime, timedelta
from airflow.sdk import DAG, Asset, Label, Param, TaskGroup, chain, dag, task, task_group
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
"""
WITHIN = 'with DAG("nightly", start_date=datetime(2024, 1, 1)) as nightly:\n    '


def judged(text, head=HEAD):
    source = head + textwrap.dedent(text)
    ast.parse(source)  # a test about a file that does not parse would say nothing
    return is_steady(source.encode())


STEADY = {
    "nothing": "",
    "docstring": '"""A DAG."""',
    "classic": """
        default_args = {"owner": "team", "retries": 2, "retry_delay": timedelta(minutes=5)}
        with DAG("a", default_args=default_args, schedule="@daily",
                 start_date=datetime(2024, 1, 1), tags=["x"], params={"n": Param(1)}) as made:
            first = BashOperator(task_id="first", bash_command="date")
            second = EmptyOperator(task_id="second")
            first >> Label("then") >> second
            made.doc_md = __doc__
        """,
    "taskflow": """
        @dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False)
        def nightly():
            @task(retries=2)
            def extract(day: str = "{{ ds }}") -> dict[str, int]:
                return {"n": 1}

            @task.branch
            def choose(n):
                return "load"

            @task
            def load(rows):
                print(rows)

            rows = extract()
            choose(rows["n"])
            load.override(task_id="other").partial(x=1).expand(rows=[1, 2])
            load(rows)

        nightly()
        """,
    "many tasks": """
        TABLES = ("a", "b")
        with DAG("a"):
            before = None
            for number, table in enumerate(TABLES):
                one = BashOperator(task_id=f"copy_{table}_{number:02d}", bash_command="true")
                if before:
                    before >> one
                before = one
        """,
    "helper": """
        def make(name, retries=1):
            return EmptyOperator(task_id=f"do_{name}", retries=retries)

        with DAG("a"):
            chain(*[make(name) for name in sorted(["b", "a"])])
        """,
    "group": """
        with DAG("a"):
            with TaskGroup("g") as g:
                EmptyOperator(task_id="x")

            @task_group
            def more():
                EmptyOperator(task_id="y")

            g >> more()
        """,
    "callables": """
        import logging

        def work():
            import random
            logging.info(random.random())

        def fail(context):
            pass

        with DAG("a", default_args={"on_failure_callback": fail}, on_success_callback=[fail]):
            PythonOperator(task_id="w", python_callable=work, op_kwargs={"d": {"x": (1, 2)}})
        """,
    "guarded": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import pandas
        with DAG("a") as made:
            pass
        if __name__ == "__main__":
            made.test()
        """,
    "pendulum": """
        import pendulum
        ZONE = pendulum.timezone("Europe/Berlin")
        with DAG("a", start_date=pendulum.datetime(2024, 1, 1, tz=ZONE)):
            pass
        """,
    "views of dicts": """
        with DAG("a"):
            for key, value in {"a": 1}.items():
                EmptyOperator(task_id=key + str(value))
        """,
    "assets": """
        with DAG("a", schedule=(Asset("x") | Asset("y"))):
            EmptyOperator(task_id="x", outlets=[Asset("z")])
        """,
    "effects in tasks": """
        import os, uuid, random

        with DAG("a"):
            @task
            def one():
                import pandas as pd
                return {uuid.uuid4(), random.random(), os.environ["X"], pd.Timestamp.now()}

            one()
        """,
    "helper that is never called": """
        def unused():
            return {1, 2} | set(open("x"))
        """,
    "tasks of one name": """
        @dag
        def one():
            @task
            def load(): ...
            load()

        @dag
        def two():
            @task
            def load(): ...
            load()

        one()
        two()
        """,
}


@pytest.mark.parametrize("text", STEADY.values(), ids=STEADY)
def test_plain_file_is_steady(text):
    assert judged(text)


# What a value may not be made of, wherever it stands

VARYING = [
    # clocks
    "datetime.now()",
    "datetime.today()",
    "datetime.utcnow()",
    "datetime(2024, 1, 1).now()",
    "datetime(2024, 1, 1).today()",
    "datetime(2024, 1, 1).astimezone()",
    "datetime(2024, 1, 1).timestamp()",
    "datetime.fromtimestamp(0)",
    "(datetime).now()",
    "[datetime][0].now()",
    "getattr(datetime, 'now')()",
    "datetime.__dict__['now']",
    # languages
    "datetime(2024, 1, 1).strftime('%A')",
    "f'{datetime(2024, 1, 1):%A}'",
    "'{:%A}'.format(datetime(2024, 1, 1))",
    "'{0:n}'.format(1234567)",
    "f'{1234567:n}'",
    "format(1234567, 'n')",
    "datetime.strptime('May', '%B')",
    # orders
    "{'a', 'b'}",
    "set(['a', 'b'])",
    "list({'a', 'b'})",
    "[x for x in {'a', 'b'}]",
    "{x for x in ['a', 'b']}",
    "{x: 1 for x in {'a', 'b'}}",
    "tuple(frozenset('ab'))",
    "', '.join({'a', 'b'})",
    "sorted({'a', 'b'})",
    "{'a': 1, 'b': 2}.keys() - {'c': 1}.keys()",
    "{'a': 1}.items() | {'b': 2}.items()",
    "list({'a': 1}.keys() | {'b': 2})",
    "max({'a', 'b'}, key=len)",
    # addresses
    "id('x')",
    "hash('x')",
    "hash(nightly)",
    "str(object())",
    "repr(print)",
    "str(print)",
    "f'{print}'",
    "'%s' % print",
    "'{}'.format(print)",
    "'{0.__init__}'.format(1)",
    "'{0!r}'.format(print)",
    "f'{own}'",
    "str(own)",
    "[own]",
    "{'f': own}",
    "(lambda: 1)",
    "str(x for x in [1])",
    "str(zip([1], [2]))",
    "f'{enumerate([1])}'",
    "'%s' % reversed([1])",
    "str(Param(1))",
    "f'{Param(1)}'",
    "[f'{p}' for p in [Param(1)]]",
    "'{}'.format(Label('x'))",
    "str({'a': Param(1)})",
    "'%s' % Param(1)",
    'f\'{Asset("x") | Asset("y")}\'',
    "str(made.partial(x=1))",
    "(1).__repr__",
    "str",
    "datetime",
    "''.join(str(x) for x in [own])",
    # the machine
    "__import__('os').getcwd()",
    "__builtins__",
    "__spec__",
    "__loader__",
    "open('x').read()",
    "input()",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "memoryview(b'')",
    "type(1)",
    "super",
    "print.__self__",
    "''.__class__",
    "unknown",
    "unknown()",
    # Airflow's own sets, questions and half-made things
    "nightly.tags",
    "made.function()",
    "made().operator.downstream_task_ids",
    "nightly.get_task('x')",
    "nightly.test()",
    "nightly.task_dict",
    # syntax that nobody vouches for
    "(y := 1)",
    "[own() for own in [1]]",
    "[x async for x in y]",
]
WITH_OWN = """
def own():
    return 1

@task
def made(x=None):
    return x

"""


@pytest.mark.parametrize("value", [one for one in VARYING if "async" not in one])
@pytest.mark.parametrize(
    "place",
    [
        "x = {}",
        "x = str([{}])",
        'EmptyOperator(task_id="t", doc={})',
        "made({})",
        "for x in {}: EmptyOperator(task_id=str(x))",
        "y = [1] if {} else [2]",
    ],
    ids=["variable", "text", "operator", "task", "loop", "condition"],
)
def test_value_that_can_vary_is_not_steady_wherever_it_stands(value, place):
    assert judged(f"{WITH_OWN}{WITHIN}pass")
    assert not judged(f"{WITH_OWN}{WITHIN}{place.format(value)}")


PLACES = {
    "default argument of a task": "@task\ndef f(x={}): ...",
    "default argument of a DAG": "@dag\ndef f(x={}): ...",
    "default argument of a helper": "def f(x={}): ...",
    "keyword default": "@task\ndef f(*, x={}): ...",
    "decorator": "@task(doc={})\ndef f(): ...",
    "bare decorator": "@task({})\ndef f(): ...",
    "decorator of a kind": "@task.branch(doc={})\ndef f(): ...",
    "body of a DAG": "@dag\ndef f():\n    EmptyOperator(task_id={})\nf()",
    "body of a DAG that is not called": "@dag\ndef f():\n    x = {}",
    "body of a group": "@task_group\ndef f():\n    EmptyOperator(task_id={})",
    "body of a called helper": "def f():\n    return {}\nf()",
    "body of a helper that a nested one calls": """
@dag
def f():
    def g():
        def h():
            return {}
        return h()
    g()
f()""",
    "body of a helper that is called below": "def g():\n    f()\ndef f():\n    x = {}\ng()",
    "comprehension": "x = [{} for y in [1]]",
    "comprehension's condition": "x = [y for y in [1] if {}]",
    "comprehension's dict": "x = {{y: {} for y in [1]}}",
    "dict's key": "x = {{{}: 1}}",
    "dict that is unpacked": "x = {{**{}}}",
    "list that is unpacked": "x = [*{}]",
    "arguments that are unpacked": "DAG('x', *{})",
    "keywords that are unpacked": "DAG('x', **{})",
    "argument of a DAG": "DAG('x', description={})",
    "params": "DAG('x', params={{'p': Param({})}})",
    "default_args": "DAG('x', default_args={{'owner': {}}})",
    "mapped argument": "@task\ndef f(x): ...\nf.expand(x={})",
    "partial argument": "@task\ndef f(x, y): ...\nf.partial(x={}).expand(y=[1])",
    "partial operator": "BashOperator.partial(task_id='x', doc={}).expand(bash_command=['a'])",
    "overridden argument": "@task\ndef f(): ...\nf.override(task_id={})()",
    "argument of an overridden task": "@task\ndef f(x): ...\nf.override(task_id='y')({})",
    "asset": "Asset('x', extra={{'a': {}}})",
    "schedule": "DAG('x', schedule={})",
    "appended item": "x = []\nx.append({})",
    "item that is set": "x = {{}}\nx['a'] = {}",
    "documentation": "x = DAG('x')\nx.doc_md = {}",
    "augmented": "x = 1\nx += {}",
    "subscript": "x = [1][{}]",
    "slice": "x = [1][{}:]",
    "annotated": "x: int = {}",
    "sign": "x = -{}",
    "comparison": "x = 1 < {}",
    "one of two": "x = 1 or {}",
    "joined": "x = 'a'.join([{}])",
    "context": "with {}:\n    pass",
    "printed": "print({})",
    "dropped": "{}",
    "other branch": "if 1:\n    pass\nelse:\n    x = {}",
    "loop's end": "for x in [1]:\n    pass\nelse:\n    y = {}",
    "condition": "if {}:\n    DAG('x')",
    "main guard's other branch": "if __name__ == '__main__':\n    pass\nelse:\n    x = {}",
    "other guard": "if __name__ == 'x':\n    y = {}",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("value", ["datetime.now()", "hash('x')", "{'a', 'b'}", "str(len)"])
def test_no_place_that_runs_at_import_is_overlooked(place, value):
    assert not judged(place.format(value))


def test_places_are_steady_with_a_plain_value():
    plain = {"arguments that are unpacked": "['a']", "keywords that are unpacked": "{'tags': []}",
             "list that is unpacked": "[1]", "dict that is unpacked": "{}",
             "context": "DAG('a')"}  # fmt: skip
    found = {name for name, place in PLACES.items() if not judged(place.format(plain.get(name, 1)))}

    assert found == set()


NAMES = {
    "builtin that is something else": "range = set\nx = list(range('ab'))",
    "builtin that is imported": "from random import random as len\nlen()",
    "builtin that is a function": "def sorted(x): ...\nsorted([1])",
    "builtin that is a parameter": "def f(list):\n    return list()\nf(1)",
    "builtin in a loop": "for str in [1]: ...",
    "builtin in a comprehension": "x = [int for int in [1]]",
    "builtin opened": "with DAG('x') as min: ...",
    "builtin in a tuple": "a, (b, *print) = [1]",
    "clock under another name": "from datetime import datetime as d\nd.now()",
    "function under another name": "from time import time as len_\nx = len_()",
    "pendulum's clock": "from pendulum import now as then\nDAG('x', start_date=then())",
    "pendulum's module": "import pendulum as p\nx = p.now()",
    "pendulum's today": "from pendulum import today\nx = today('UTC')",
    "pendulum's words": "import pendulum\nx = pendulum.parse('10:00')",
    "random": "import random\nx = random.random()",
    "random's part": "from random import choice\nx = choice([1, 2])",
    "uuid": "import uuid\nx = str(uuid.uuid4())",
    "secrets": "import secrets\nx = secrets.token_hex()",
    "environment": "import os\nx = os.environ['X']",
    "environment's question": "from os import getenv\nx = getenv('X')",
    "process": "import os\nx = os.getpid()",
    "folder": "from pathlib import Path\nx = Path.cwd()",
    "listing": "import glob\nfor x in glob.glob('*'): ...",
    "host": "import socket\nx = socket.gethostname()",
    "module under another name": "import os as datetime_\nx = datetime_.getcwd()",
    "part of a module": "import os.path\nx = os.path.abspath('x')",
    "module that a parent leads to": "import airflow.sdk\nx = airflow.sdk.Variable.get('x')",
    "task that is something else": "from airflow.sdk import dag as t\n@t\ndef f():\n    x = {1}",
    "task that is rebound": "task = dag",
    "task that is an import": "from random import x as task",
    "task that is a function": "def task(f):\n    return f()",
    "function that is rebound": "def f(): ...\nf = datetime",
    "function that is another": "def f(): ...\n@task\ndef f(): ...",
    "import that is a parameter": "def f(DAG): ...\nf(1)",
    "variable that is imported": "x = 1\nfrom os import getcwd as x",
    "variable that is a function": "x = 1\ndef x(): ...",
    "helpers of the repository": "import helpers",
    "helpers' part": "from company.defaults import args",
    "sibling": "from . import names",
    "relative": "from .names import x",
    "relative module that is called like a known one": "from .datetime import datetime as d",
    "third party": "import pandas",
    "module that begins like Airflow": "import airflowish",
    "module that begins like a part of Airflow": "from airflow.sdkx import DAG as D",
    "library's class of the same name": "from tkinter import Label as Shown\nx = [Shown('x')]",
    "provider": "from airflow.providers.amazon.aws.operators.s3 import S3CreateBucketOperator",
    "plugin": "from airflow.plugins.x import y",
    "everything": "from airflow.sdk import *",
    "everything of a library": "from datetime import *",
    "Variable": "from airflow.sdk import Variable\nx = Variable.get('x')",
    "Variable under another name": "from airflow.models import Variable as V\nx = V.get('x')",
    "Connection": "from airflow.sdk import Connection\nx = Connection.get('x')",
    "hook": "from airflow.sdk import BaseHook\nx = BaseHook.get_connection('x')",
    "configuration": "from airflow.sdk import conf\nx = conf.get('core', 'x')",
    "Airflow's clock": "from airflow.utils.timezone import utcnow\nx = utcnow()",
    "Airflow's context": "from airflow.sdk import get_current_context\nx = get_current_context()",
    "object store": "from airflow.sdk import ObjectStoragePath\nx = ObjectStoragePath('file:///')",
    "operator with sets": "from airflow.sdk import PythonVirtualenvOperator as P\nP(task_id='x')",
    "decorator with sets": "@task.virtualenv\ndef f(): ...",
    "decorator from elsewhere": "from functools import cache\n@cache\ndef f(): ...\nf()",
    "decorator of its own": "def d(f):\n    return f\n@d\ndef f(): ...",
    "decorator that is a method": "@DAG('x').task\ndef f(): ...",
    "decorators together": "@task\n@dag\ndef f(): ...",
    "two decorators that run": "@dag\n@task_group\ndef f(): ...",
    "kind of DAG": "@dag.branch\ndef f(): ...",
    "DAG by a task's name": "@task.dag\ndef f():\n    x = {1}",
    "docstring that is rebound": "__doc__ = {1}",
    "main that is rebound": "__name__ = '__main__'",
    "used before it is there": "x = y\ny = 1",
    "attribute of an import": "datetime.now = 1",
    "attribute of a task": "x = EmptyOperator(task_id='x')\nx.retries = 1",
    "global": "def f():\n    global x\n    x = {1}\nf()",
    "nonlocal": "def f():\n    x = 1\n    def g():\n        nonlocal x\n    g()\nf()",
}  # fmt: skip


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_name_counts_for_what_it_means_and_not_for_what_it_looks_like(text):
    assert not judged(text)


STATEMENTS = {
    "class": "class A:\n    x = 1",
    "class with a clock": "class A:\n    x = datetime.now()",
    "async function": "async def f(): ...",
    "try": "try:\n    x = 1\nexcept Exception:\n    x = 2",
    "while": "while 1:\n    break",
    "match": "match 1:\n    case 1:\n        x = 1",
    "raise": "raise ValueError",
    "assert": "assert 1",
    "del": "x = 1\ndel x",
    "lambda": "x = lambda: 1",
    "walrus": "if (x := 1):\n    pass",
    "yield": "def f():\n    yield 1\nfor x in f(): ...",
    "exec": "exec('x = 1')",
    "generator": "x = (y for y in [1])",
    "starred set": "x = [*{1, 2}]",
    "dict in place": "a = {}\na |= {k: 'now' for k in ['start_date']}",
    "sub in place": "a = [1]\na[0] += 1",
    "star of a target": "a, *b = [1, 2]",
}


@pytest.mark.parametrize("text", STATEMENTS.values(), ids=STATEMENTS)
def test_statement_that_nobody_vouches_for_is_not_steady(text):
    assert not judged(text)


WORDS = {
    "relative start": "DAG('x', start_date='now')",
    "start without a day": "DAG('x', start_date='10:00')",
    "weekday": "DAG('x', end_date='Friday')",
    "start without a year": "DAG('x', start_date='1/5')",
    "start among defaults": "DAG('x', default_args={'start_date': 'now'})",
    "start among dict's defaults": "DAG('x', default_args=dict(start_date='now'))",
    "start in a variable": "when = 'now'\nDAG('x', start_date=when)",
    "start that is rebound": "when = None\nwhen = 'now'\nDAG('x', start_date=when)",
    "start of a parameter": "def f(when):\n    DAG('x', start_date=when)\nf('now')",
    "start in a loop": "for when in ['now']:\n    DAG('x', start_date=when)",
    "start that is joined": "DAG('x', start_date='no' + 'w')",
    "start that is formatted": "DAG('x', start_date=f'now')",
    "start under a key that is made": "DAG('x', default_args={'start_' + 'date': 'now'})",
    "start under a key of a loop": "a = {k: 'now' for k in ['start_date']}\nDAG('x', **a)",
    "start that is zipped": "a = dict(zip(['start_date'], ['now']))\nDAG('x', default_args=a)",
    "start that is listed": "a = dict([('start_date', 'now')])\nDAG('x', default_args=a)",
    "start that is added": "a = {}\na.update({k: 'now' for k in ['start_date']})",
    "start that is set": "a = {}\na['start_date'] = 'now'\nDAG('x', default_args=a)",
    "start under a key in a variable": "k = 'start_date'\na = {}\na[k] = 'now'",
    "start by an alias": "a = {}\nb = a\nb.setdefault('start_date', 'now')",
    "start that is unpacked": "a = {'start_' + 'date': 'now'}\nDAG('x', **{**a})",
    "start by its place": "TaskGroup('g', True, None, None, {'start_' + 'date': 'now'})",
    "zone of the machine": "import pendulum\nx = pendulum.timezone('local')",
    "zone in a variable": "import pendulum\nz = 'lo' + 'cal'\nx = pendulum.timezone(z)",
    "zone of a time": "import pendulum\nx = pendulum.datetime(2024, 1, 1, tz='local')",
    "zone of a schedule": (
        "from airflow.sdk import CronTriggerTimetable as C\nC('@daily', timezone='local')"
    ),
    "templates in a folder": "DAG('x', template_searchpath=['sql'])",
    "templates in a folder among others": "a = {'template_searchpath': 'sql'}\nDAG('x', **a)",
}


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
def test_words_that_airflow_asks_a_clock_or_a_folder_about_are_not_steady(text):
    assert not judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "DAG('x', start_date='2024-01-01')",
        "DAG('x', start_date=datetime(2024, 1, 1) + timedelta(days=1))",
        "when = datetime(2024, 1, 1)\nDAG('x', default_args={'start_date': when})",
        "when = None\nwhen = datetime(2024, 1, 1)\nDAG('x', start_date=when)",
        "a = {'owner': 'x'}\nDAG('x', default_args={**a, 'retries': 1})",
        "a = dict(owner='x')\nDAG('x', **a)",
        "import pendulum\nx = pendulum.datetime(2024, 1, 1, tz='UTC')",
        "from datetime import timezone\nx = datetime(2024, 1, 1, tzinfo=timezone.utc)",
        "import datetime as dt\nx = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)",
    ],
)
def test_fixed_times_are_steady(text):
    assert judged(text)


@pytest.mark.parametrize(
    "annotation",
    ["len('x')", "'len(1)'", "(y := 1)", "[y for y in [1]]", "f'{1}'", "(lambda: 1)", "{1}"],
)
@pytest.mark.parametrize(
    "place",
    [
        "x: {} = 1",
        "@task\ndef f(x: {}): ...",
        "@task\ndef f() -> {}: ...",
        "@task\ndef f(*x: {}): ...",
        "@task\ndef f(*, x: {}): ...",
        "@task\ndef f(**x: {}): ...",
    ],
)
def test_annotation_that_does_more_than_name_a_type_is_not_steady(annotation, place):
    assert judged(place.format("dict[str, int] | None"))
    assert not judged(place.format(annotation))


def test_object_is_told_by_airflow_and_never_by_its_text():
    assert judged("p = Param(1)\nDAG('x', params={'p': p})")
    assert not judged("p = Param(1)\nEmptyOperator(task_id='x', doc=p)")
    assert not judged("p = 1\np = Param(1)\nEmptyOperator(task_id='x', doc=p)")
    assert not judged("EmptyOperator(task_id='x', doc=p) if 0 else 1\np = Param(1)")
    assert not judged("x = {}\nx['a'] = Param(1)")
    assert not judged("x = [Param(1)]\nx[0] = 1")
    assert not judged("def f(): return Param(1)\nEmptyOperator(task_id='x', doc=f())")
    assert not judged("a = {'op_kwargs': {'x': Param(1)}}\nDAG('x', default_args=a)")


def test_sort_that_shows_late_counts_for_what_was_read_early():
    text = """
    def use():
        EmptyOperator(task_id="x", doc=held)

    held = 1
    use()
    for held in {}: ...
    """
    assert judged(text.format("[2]"))
    assert not judged(text.format("[Param(1)]"))


def test_group_that_is_mapped_gets_what_has_no_text():
    assert not judged("@task_group\ndef g(x): ...\ng.expand(x=[1])")
    assert not judged("def g(x): ...\ng(1)\ng.expand(x=[1])")


def test_format_that_is_not_written_there_may_ask_for_anything():
    assert judged("x = '{}'.format(1)")
    assert not judged("how = '{0.__init__}'\nx = how.format(1)")


def test_callbacks_are_functions_of_the_file_each():
    head = "def f(context): ...\n"
    assert judged(f"{head}DAG('x', on_success_callback=[f, f])")
    assert not judged(f"{head}DAG('x', on_success_callback=[f, datetime.now])")
    assert not judged(f"{head}DAG('x', on_success_callback=[f, print])")


def test_labels_may_be_chained():
    assert judged("a = EmptyOperator(task_id='a')\nchain(a, Label('x'), a)")
    assert not judged("a = EmptyOperator(task_id='a')\nchain(a, Label({'x'}), a)")


def test_sort_that_a_loop_brings_back_counts_too():
    text = """
    held = 1
    for number in [1, 2]:
        EmptyOperator(task_id="x", doc=held)
        held = {}
    """
    assert judged(text.format("2"))
    assert not judged(text.format("Param(1)"))


def test_date_that_a_loop_brings_back_counts_too():
    text = """
    when = None
    for number in [1, 2]:
        DAG("x", start_date=when)
        when = {}
    """
    assert judged(text.format("datetime(2024, 1, 1)"))
    assert not judged(text.format("'now'"))


def test_parameter_of_a_dag_stands_for_what_is_given_later():
    text = "@dag\ndef f(x=1):\n    EmptyOperator(task_id='x', doc={})\nf()"

    assert judged(text.format(1))
    assert not judged(text.format("f'{x}'"))


@pytest.mark.parametrize(
    "data",
    [b"x = (", b"x = '\0'", b"\xff\xfe", b"# coding: nonsense\n", b"x = " + b"(" * 5000,
     b"x = " + b"-" * 100_000 + b"1", b"x = " + b"1+" * 5000 + b"1"],
    ids=["syntax", "nul", "bytes", "cookie", "brackets", "signs", "sum"],
)  # fmt: skip
def test_file_that_cannot_be_read_is_not_steady_and_no_crash(data):
    assert not is_steady(data)


def test_warnings_about_the_file_are_left_to_whoever_imports_it(recwarn):
    assert is_steady(b"x = '\\d'\n")
    assert [str(one.message) for one in recwarn] == []


def test_odd_encodings_are_read_as_python_reads_them():
    assert is_steady("# coding: latin-1\nx = 'ü'\n".encode("latin-1"))
    assert is_steady("x = 'ü'\r\n".encode("utf-8-sig"))


# Programs of small parts: what is called steady prints the same under any hash seed and clock

ATOMS = ["1", "'b'", "a", "b", "f", "g", "[a, b]", "(b, a)", "{'x': a, 'y': b}", "{a, 'q', 'r'}",
         "set('xyz')", "frozenset('pq')", "datetime.now()", "datetime(2024, 1, 1)", "len",
         "object"]  # fmt: skip
SHAPES = ["[{0}, {1}]", "({0}, {1})", "{{'k': {0}, 'l': {1}}}", "{0} if {1} else 2", "f'{{{0}}}'",
          "str({0})", "'%s' % [{0}]", "list(zip([{0}], [{1}]))", "[q for q in [{0}, {1}]]",
          "'{{}}'.format({0})", "{0}()", "{0} or {1}", "list({{'m': {0}}}.items())", "repr({0})",
          "sorted([{0}], key={1})", "[*[{0}]]", "zip([{0}])", "{{**{{'z': {0}}}}}", "f({0})",
          "dict(j={0})", "{{q: {0} for q in 'ab'}}", "'-'.join(str(q) for q in [{0}])"]  # fmt: skip
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.builds(
        lambda shape, one, other: shape.format(one, other), st.sampled_from(SHAPES), inner, inner
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.builds("a = {}".format, EXPRESSIONS),
    st.builds("b = {}".format, EXPRESSIONS),
    st.builds("a, b = {}, {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("for a in [{}]: b = a".format, EXPRESSIONS),
    st.builds("def f(c=1): return {}".format, EXPRESSIONS),
    st.builds("def g(): return {}".format, EXPRESSIONS),
    st.builds("len = {}".format, EXPRESSIONS),
    st.builds("h = [{}]; h.append({})".format, EXPRESSIONS, EXPRESSIONS),
)
PROGRAMS = st.lists(LINES, min_size=1, max_size=5).map("\n".join)
START = "from datetime import datetime\na = 'p'\nb = [2]\ndef f(c=1): return c\ndef g(): return a\n"
WATCHER = """\
import gc, sys
for number, text in enumerate(sys.stdin.read().split("\\0")):
    keep = [object() for _ in range(int(sys.argv[1]) + number % 7)]
    scope = {"__name__": "x"}
    try:
        exec(text, scope)
        held = [scope.get(name) for name in "abh"]
        print(number, [one if not hasattr(one, "__next__") else "stream" for one in held
                       if not callable(one)])
    except Exception as error:
        print(number, type(error).__name__)
"""


def outputs(programs):
    """Run programs in two processes that differ in all that a process can."""
    return [
        subprocess.run(
            [sys.executable, "-c", WATCHER, str(size)], input="\0".join(programs), text=True,
            capture_output=True, check=True, env={"PYTHONHASHSEED": seed},
        ).stdout.splitlines()
        for seed, size in (("1", 0), ("20231", 50_000))
    ]  # fmt: skip


def test_no_program_that_is_called_steady_prints_something_else_the_second_time():
    steady, others = [], []

    @settings(max_examples=1500, deadline=None, database=None)
    @given(PROGRAMS)
    def collect(program):
        (steady if is_steady((START + program).encode()) else others).append(START + program)

    collect()
    assert len(steady) > 50, "too few to say anything"
    first, second = outputs(steady)
    assert len(first) == len(steady)
    assert [pair for pair in zip(steady, first, second, strict=True) if pair[1] != pair[2]] == []
    one, other = outputs(list(itertools.islice(others, 300)))
    assert one != other, "the watcher does not see what varies"
