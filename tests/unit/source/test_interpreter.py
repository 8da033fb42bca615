"""What code does is followed within bounds: whatever it is, reading ends soon and says enough."""

import time
from pathlib import Path

import pytest
from linting import linted, marked

from dagproof.source.file import SourceFile, parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder
from dagproof.source.values import Event, Unit

SECONDS = 5.0
GET = "get()\n"

EXPONENTIAL = {
    "calls": "".join(f"def f{n}():\n f{n + 1}()\n f{n + 1}()\n" for n in range(30)),
    "arguments": "".join(
        f"def f{n}(a='', b=''):\n f{n + 1}(a + 'x', b)\n f{n + 1}(b, a + 'y')\n" for n in range(30)
    ),
    "objects": "class C: pass\n"
    + "".join(f"def f{n}(a=1, b=2):\n f{n + 1}(C())\n f{n + 1}([a])\n" for n in range(30)),
    "functions": "".join(
        f"def f{n}(a=1, b=2):\n f{n + 1}(lambda: a)\n f{n + 1}(lambda: b)\n" for n in range(30)
    ),
    "generators": "".join(
        f"def f{n}():\n yield from f{n + 1}()\n list(f{n + 1}())\n" for n in range(30)
    ).replace("def f0():\n yield from", "def f0():\n list(f1())\n list(f1())\n return"),
    "dags": "".join(f"def f{n}():\n f{n + 1}()\n f{n + 1}()\n" for n in range(29))
    + "def f29():\n @dag\n def d(): get()\n d()\n f30()\n",
}  # fmt: skip
LAST = "def f30(*a):\n yield get()\n"

DOUBLING = {
    "lists": ("a = ['x']\n", "a = a + a\n"),
    "lists in place": ("a = ['x']\n", "a += a\n"),
    "lists extended": ("a = ['x']\n", "a.extend(a)\n"),
    "lists unpacked": ("a = ['x']\n", "a = [*a, *a]\n"),
    "lists of itself": ("a = []\n", "a.append(a)\na = [a, a, *a]\n"),
    "texts": ("a = 'x'\n", "a = a + a\n"),
    "texts formatted": ("a = 'x'\n", "a = f'{a}{a}'\n"),
    "arguments": ("a = ['x']\ndef f(*a): return a\n", "a = f(*a, *a)\n"),
    "names": ("a = os\n", "a = a.b[0]()\na, = a\n"),
    "bases": ("class A: pass\nclass B: pass\n", "class A(A, B): pass\nclass B(B, A): pass\n"),
}

ENDLESS = {
    "a function of itself": "def f(): return f()\nf()\n",
    "functions of each other": "def f(): return g()\ndef g(): return f()\nf()\n",
    "a lambda of itself": "(lambda f: f(f))(lambda f: f(f))\n",
    "a fixed point": "y = lambda f: (lambda x: x(x))(lambda x: f(lambda *a: x(x)(*a)))\n"
    "y(lambda me: lambda n: 1 if n < 2 else me(n - 1))(9)\n",
    "an iterator of itself": "class C:\n def __iter__(self): return self\nfor x in C(): pass\n",
    "a call of itself": "class C:\n def __call__(self): return self()\nC()()\n",
    "an item of itself": "class C:\n def __getitem__(self, k): return self[k]\nC()[1]\n",
    "a property of itself": "class C:\n @property\n def p(self): return self.p\nC().p\n",
    "a setter of itself": "class C:\n @property\n def p(self): pass\n @p.setter\n"
    " def p(self, v): self.p = v\nC().p = 1\n",
    "a generator of itself": "def f(): yield from f()\nlist(f())\n",
    "a decorator of itself": "def d(f): return d(f)\n@d\ndef g(): pass\n",
    "growing arguments": "def f(*a): return f(*a, *a)\nf(1)\n",
    "a factory of many": "def make(n):\n with DAG(n): get\nfor n in range(10**9): make(str(n))\n",
    "own names": "for n, v in list(globals().items()):\n globals()[n + 'x'] = v\n v()\n",
    "a base of itself": "class A: pass\nclass B(A): pass\nclass A(B): pass\nA().m()\n",
}


def timed(folder: Path, program: str) -> list[int]:
    started = time.process_time()
    lines, _ = marked(folder, program)
    assert time.process_time() - started < SECONDS
    return lines


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_calls_that_double_at_each_level_end(name: str, tmp_path: Path) -> None:
    program = f"{EXPONENTIAL[name]}{LAST}"
    if name != "generators":
        program = program.replace("yield get()", "get()")
    line = program.split("\n").index("def f30(*a):") + 3
    assert line in timed(tmp_path, f"{program}f0()\n")


@pytest.mark.parametrize("name", DOUBLING)
def test_values_that_double_end(name: str, tmp_path: Path) -> None:
    head, line = DOUBLING[name]
    program = f"{head}{line * 40}"
    assert timed(tmp_path, f"{program}get()\n") == [program.count("\n") + 2]


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_ends(name: str, tmp_path: Path) -> None:
    program = ENDLESS[name]
    assert timed(tmp_path, f"{program}get()\n")[-1] == program.count("\n") + 2


@pytest.mark.parametrize(
    "program",
    [
        f"x = [{'0, ' * 10_000}]\n",
        f"x = {{{', '.join(f'{n}: {n}' for n in range(10_000))}}}\n",
        "".join(f"x{n} = f'{{x{n - 1}}}'\n" if n else "x0 = ''\n" for n in range(10_000)),
        "def f(x): pass\n" + "".join(f"f({n})\n" for n in range(10_000)),
        f"x = {' + '.join(['os'] * 900)}\n",
        f"x = os{'.a' * 900}\n",
        f"x = os{'.a()' * 450}\n",
        f"x = {' and '.join(['os'] * 10_000)}\n",
        "".join(f"{' ' * n}if os:\n" for n in range(90)) + f"{' ' * 90}pass\n",
        "x = 1\n" * 100_000,
        f"x = '{'a' * 1_000_000}'\n",
        f"x = 0x{'f' * 10_000}\ny = f'{{x}}'\n",
        "x = [1]\n" + "x = (y for y in x)\n" * 400,
    ],
    ids=lambda program: program[:24].replace("\n", " "),
)
def test_much_code_is_read_in_seconds(program: str, tmp_path: Path) -> None:
    assert timed(tmp_path, f"{program}get()\n") == [program.count("\n") + 2]


@pytest.mark.parametrize(
    "program",
    [
        f"x = {'(' * 1000}1{')' * 1000}\n",
        f"x = {'[' * 1000}1{']' * 1000}\n",
        f"x = {'not ' * 6000}1\n",
        f"x = {' + '.join(['os'] * 5000)}\n",
        f"x = os{'.a' * 5000}\n",
        f"x = os{'()' * 5000}\n",
        f"x = os{'[0]' * 5000}\n",
        f"x = {'lambda: ' * 3000}1\n",
        "".join(f"{' ' * n}if os:\n" for n in range(3000)) + f"{' ' * 3000}pass\n",
        "".join(f"{' ' * n}def f():\n" for n in range(3000)) + f"{' ' * 3000}pass\n",
        "if os: pass\n" + "elif os: pass\n" * 5000,
        "from functools import partial\nf = len\n" + "f = partial(f, 1)\n" * 10_000 + "f()\n",
        "class C: pass\n" + "class C(C): pass\n" * 1000 + "C().m()\n",
    ],
    ids=lambda program: program[:24].strip().replace("\n", " "),
)
def test_code_that_is_nested_too_deeply_is_one_finding_or_none(
    program: str, tmp_path: Path
) -> None:
    started = time.process_time()
    found = linted(tmp_path, {"dag.py": f"{program}x = 'airflow dag'\n"})
    assert time.process_time() - started < SECONDS
    assert [code for _, _, code in found] in ([], ["DP100"])


def interpreter(files: dict[Path, str]) -> tuple[Interpreter, list[Path]]:
    read: list[Path] = []

    def parsed(path: Path) -> SourceFile:
        read.append(path)
        return parse(path, path.name, files[path].encode())

    return Interpreter(Finder([], Path("/x"), frozenset()), parsed, lambda name: True), read


def events(text: str) -> list[Event]:
    run, _ = interpreter({Path("/x/a.py"): text})
    return run.module(Path("/x/a.py")).events


def test_a_module_runs_once() -> None:
    run, read = interpreter({Path("/x/a.py"): "import os\nos.f()\n"})
    one = run.module(Path("/x/a.py"))
    assert run.module(Path("/x/a.py")) is one
    assert read == [Path("/x/a.py")]
    assert one.done


def test_a_forgotten_module_runs_again_unless_it_is_imported() -> None:
    path = Path("/x/a.py")
    run, read = interpreter({path: "import os\nos.f()\n"})
    one = run.module(path)
    run.forget(path)
    run.forget(Path("/x/never.py"))
    assert one.events == []
    assert run.module(path) is not one
    assert len(read) == 2


def test_events_hold_name_arguments_and_way() -> None:
    [_, event] = events("import os\ndef f(n):\n os.g(n, 'b', *[3], k=n, **{'l': 5})\nf(1)\n")
    assert event.name == "os.g"
    values = {key: getattr(value, "value", None) for key, value in event.arguments.items()}
    assert values == {0: 1, 1: "b", 2: 3, "k": 1, "l": 5}
    assert [(source.shown, node.lineno) for source, node in event.chain] == [("a.py", 4)]
    assert not event.logged


def test_each_way_to_make_a_task_is_told() -> None:
    text = """
from airflow.sdk import task
@task
def f(x): pass
f(1)
f.override(task_id="x")(1)
f.partial(y=1).expand(x=[1])
f.expand_kwargs([{}])
f.override(task_id="y").partial(y=1).expand(x=[1])
"""
    found = [event for event in events(text) if event.name == "@task"]
    assert [event.node.lineno for event in found] == [5, 6, 7, 8, 9]
    assert len({event.callee.node for event in found}) == 1


def test_a_write_holds_what_is_written() -> None:
    found = events("import os\nos.environ['a'] = 'b'\nos.environ |= {}\ndel os.environ['a']\n")
    written = [(event.name[11:], event.arguments.keys()) for event in found]
    names = ("__setitem__", "__ior__", "__delitem__")
    assert [(name, list(keys)) for name, keys in written if name in names] == [
        (name, [0]) for name in names
    ]


def test_what_is_only_shown_is_logged() -> None:
    text = "import os, logging\nprint(os.f())\nlogging.getLogger().info(os.g())\nos.h()\n"
    text += "def i(): os.i()\nprint(i())\ni()\n"
    logged = [(event.name, event.logged) for event in events(text) if event.name[:3] == "os."]
    assert logged == [
        ("os.f", True), ("os.g", True), ("os.h", False), ("os.i", True), ("os.i", False)
    ]  # fmt: skip


def test_loggers_show_and_nothing_more() -> None:
    text = """
import os, structlog
from airflow.sdk import BaseHook
class C(BaseHook):
    def m(self):
        self.log.info(os.a())
        self.info(os.b())
C().m()
logger = structlog.get_logger()
logger.warning(os.c())
unknown_log.error(os.d())
unknown.error(os.e())
unknown_log.append(os.f())
unknown()[0].info(os.g())
"""
    logged = "".join(event.name[3:] for event in events(text) if event.logged)
    seen = "".join(event.name[3:] for event in events(text) if event.name[:3] == "os.")
    assert (logged, seen) == ("acd", "abcdefg")


def test_events_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagproof.source.interpreter._MOST_COPIES", 10)
    found = events("import os\ndef a(): return os.x()\n" + "a()\n" * 30)
    assert len(found) < 20


def test_the_outermost_call_comes_first_in_the_way() -> None:
    text = "import os\ndef a(): b()\ndef b(): os.c()\na()\n"
    event = events(text)[-1]
    assert [node.lineno for _, node in event.chain] == [4, 2]


def test_constants_tell_calls_apart_until_there_are_many() -> None:
    calls = "".join(f"f({n})\n" for n in range(40))
    found = events(f"import os\ndef f(n): os.g(n)\n{calls}")
    arguments = [event.arguments[0].value for event in found if event.name == "os.g"]
    assert len(arguments) == 40
    assert arguments[:5] == [0, 1, 2, 3, 4]
    assert len(set(arguments)) < 10


def test_one_and_true_are_different_arguments() -> None:
    found = events("import os\ndef f(n): os.g(n)\nf(1)\nf(True)\nf(1.0)\n")
    values = [event.arguments[0].value for event in found if event.name == "os.g"]
    assert [type(value) for value in values] == [int, bool, float]


def test_many_events_of_one_call_are_thinned_not_lost() -> None:
    text = "import os\ndef a():\n os.x()\n os.y()\n"
    text += "def b():\n" + " a()\n" * 600 + "def c():\n os.z()\n" + " b()\n" * 600 + "c()\n"
    found = [event.name for event in events(text)]
    assert {"os.x", "os.y", "os.z"} <= set(found)
    assert len(found) < 30_000


def test_files_that_are_read_again_keep_no_old_names() -> None:
    unit = Unit()
    assert unit.scope.names == {}
    assert unit.scope.enclosing is unit.scope
