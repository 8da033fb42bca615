"""What an import costs a file, whoever imported it first."""

import sys
from importlib import import_module
from pathlib import Path

import pytest
from forked import forked

from dagproof.import_audit import costs as module
from dagproof.import_audit.costs import Cost, ImportClock, Node

OURS = str(Path(module.__file__).parents[1])


def none(*_, **__):
    """Take note of nothing."""


@pytest.fixture
def clock():
    """Return a clock for which `dag` and `own...` are the repository's modules."""
    return ImportClock(lambda name: name.startswith(("dag", "own")), none, none)


def graph(clock, **modules):
    """Set what was loaded: by module its own seconds and what it imports at which line."""
    for name, (own, imports) in modules.items():
        clock._nodes[name.replace("__", ".")] = Node(own, own, dict(imports))


# What is told of what was loaded


def test_file_without_imports_costs_nothing(clock):
    graph(clock, dag=(5.0, {}))

    assert clock.costs("dag") == (0.0, [])


def test_file_that_was_never_seen_costs_nothing(clock):
    assert clock.costs("dag") == (0.0, [])


def test_library_costs_what_it_loads_in_turn(clock):
    graph(clock, dag=(9.0, {"pandas": 3}), pandas=(1.0, {"numpy": 7}), numpy=(0.5, {}))

    assert clock.costs("dag") == (
        1.5,
        [Cost("pandas", 1.5, 1.0, ("dag",), 3), Cost("numpy", 0.5, 0.5, ("dag", "pandas"), 3)],
    )


def test_library_that_two_lead_to_is_counted_for_the_first(clock):
    graph(
        clock, dag=(0.0, {"a": 1, "b": 2}), a=(1.0, {"shared": 1}), b=(1.0, {"shared": 1}),
        shared=(4.0, {}),
    )  # fmt: skip
    seconds, found = clock.costs("dag")

    assert seconds == 6.0
    assert [(cost.name, cost.seconds) for cost in found] == [
        ("a", 5.0),
        ("shared", 4.0),
        ("b", 1.0),
    ]


def test_each_file_is_told_of_what_another_one_loaded(clock):
    graph(clock, dag1=(0.0, {"a": 1}), dag2=(0.0, {"b": 4}), a=(1.0, {"b": 1}), b=(2.0, {}))

    assert clock.costs("dag1")[0] == 3.0
    assert clock.costs("dag2") == (2.0, [Cost("b", 2.0, 2.0, ("dag2",), 4)])


def test_modules_that_lead_to_each_other_are_counted_once(clock):
    graph(clock, dag=(0.0, {"a": 1}), a=(1.0, {"b": 1}), b=(2.0, {"a": 1, "dag": 2}))

    assert clock.costs("dag")[0] == 3.0


def test_repositorys_own_modules_lead_on_and_cost_nothing(clock):
    graph(clock, dag=(9.0, {"own_helper": 2}), own_helper=(9.0, {"a": 8}), a=(1.0, {}))

    assert clock.costs("dag") == (1.0, [Cost("a", 1.0, 1.0, ("dag", "own_helper"), 8)])


def test_packages_of_a_module_are_part_of_it(clock):
    graph(clock, dag=(0.0, {"a.b.c": 1}), a=(1.0, {}), a__b=(2.0, {}), a__b__c=(4.0, {}))
    seconds, found = clock.costs("dag")

    assert seconds == 7.0
    assert [(cost.name, cost.seconds) for cost in found] == [
        ("a.b.c", 4.0), ("a.b", 2.0), ("a", 1.0),
    ]  # fmt: skip


def test_chain_has_of_each_package_the_module_by_which_it_was_entered(clock):
    graph(
        clock, dag=(0.0, {"a": 1}), a=(1.0, {"a.x": 1}), a__x=(1.0, {"a.y": 1}),
        a__y=(1.0, {"b.c": 1}), b__c=(1.0, {"b.d": 1}), b__d=(1.0, {"c": 1}), c=(1.0, {}),
    )  # fmt: skip
    found = {cost.name: cost.chain for cost in clock.costs("dag")[1]}

    assert found == {"a": ("dag",), "b.c": ("dag", "a"), "c": ("dag", "a", "b.c")}


def test_what_costs_next_to_nothing_is_counted_and_not_told(clock):
    graph(clock, dag=(0.0, {"a": 1, "b": 2}), a=(0.0009, {}), b=(0.001, {}))
    seconds, found = clock.costs("dag")

    assert seconds == pytest.approx(0.0019)
    assert [cost.name for cost in found] == ["b"]


def test_the_most_expensive_ones_are_told_first_and_not_all(clock, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 3)
    names = {f"m{number}": number + 1 for number in range(5)}
    graph(clock, dag=(0.0, names), **{name: (float(own), {}) for name, own in names.items()})
    seconds, found = clock.costs("dag")

    assert seconds == 15.0
    assert [cost.name for cost in found] == ["m4", "m3", "m2"]


def test_chain_without_end_is_followed_for_a_while(clock):
    chain = {f"m{number}": (1.0, {f"m{number + 1}": 1}) for number in range(2000)}
    graph(clock, dag=(0.0, {"m0": 1}), **chain)

    assert 100 < clock.costs("dag")[0] < 300


# What is seen, in a child


@pytest.fixture
def libraries(tmp_path, monkeypatch):
    """Return a folder on the path, in which modules are written by name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(sources=None, /, **modules):
        for name, source in {**(sources or {}), **modules}.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(source, "utf-8")

    return write


BUSY = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\n"


def timed(function):
    """Return what a function returns in a child with a running clock, which it is given."""

    def run():
        noted = []
        clock = ImportClock(
            lambda name: name.startswith(("dag", "own")),
            lambda *, beginning: noted.append(beginning),
            noted.append,
        )
        clock.start()
        result = function(clock)
        return result, noted

    return forked(run)


def imports(clock, name):
    return dict(clock._nodes[name].imports) if name in clock._nodes else None


def run_dag(clock, name, source):
    clock.enter(name)
    exec(compile(source, f"/repository/{name}.py", "exec"), {"__name__": name})  # noqa: S102


def test_own_and_total_seconds_are_told_apart(libraries):
    libraries(lib_outer=f"import lib_inner\n{BUSY.format(0.05)}", lib_inner=BUSY.format(0.1))

    def run(clock):
        run_dag(clock, "dag1", "import lib_outer\n")
        return clock.costs("dag1"), clock.libraries_seconds

    ((seconds, [outer, inner]), libraries_seconds), _ = timed(run)

    assert (outer.name, inner.name) == ("lib_outer", "lib_inner")
    assert inner.own == pytest.approx(0.1, abs=0.05)
    assert outer.own == pytest.approx(0.05, abs=0.05)
    assert outer.seconds == pytest.approx(0.15, abs=0.05)
    assert seconds == pytest.approx(libraries_seconds, abs=0.02)
    assert outer.line == 1


def test_second_file_is_told_of_what_the_first_one_loaded(libraries):
    libraries(lib_a=f"import lib_b\n{BUSY.format(0.02)}", lib_b=BUSY.format(0.02))

    def run(clock):
        run_dag(clock, "dag1", "import lib_a\n")
        clock.forget_own()
        run_dag(clock, "dag2", "x = 1\n\nimport lib_a\n")
        return clock.costs("dag1"), clock.costs("dag2"), clock.libraries_seconds

    (first, second, seconds), _ = timed(run)

    assert first == (0.0, [])
    assert [(cost.name, cost.line) for cost in second[1]] == [("lib_a", 3), ("lib_b", 3)]
    assert second[0] == pytest.approx(0.04, abs=0.03)
    assert seconds == 0.0


STATEMENTS = {
    "import lib_p.sub\n": {"lib_p.sub": 1},
    "from lib_p import sub\n": {"lib_p": 1, "lib_p.sub": 1},
    "from lib_p import value\n": {"lib_p": 1},
    "from lib_p import *\n": {"lib_p": 1},
    "\nfrom lib_p.sub import value as v\n": {"lib_p.sub": 2},
    "import lib_p.sub as s\n": {"lib_p.sub": 1},
}


@pytest.mark.parametrize("source", STATEMENTS)
@pytest.mark.parametrize("cached", [False, True])
def test_statement_leads_to_what_it_names(libraries, source, cached):
    libraries({"lib_p/__init__": "value = 1\n", "lib_p/sub": "value = 2\n"})

    def run(clock):
        if cached:
            import_module("lib_p.sub")
        run_dag(clock, "dag1", source)
        return {name: line for name, line in imports(clock, "dag1").items() if line}

    assert timed(run)[0] == STATEMENTS[source]


def test_relative_imports_are_told_by_their_whole_names(libraries):
    source = "from . import b\nfrom .b import value\nfrom .c import d\n"
    libraries({"own_p/__init__": "", "own_p/a": source, "own_p/b": "value = 1\n"})
    libraries({"own_p/c/__init__": "", "own_p/c/d": ""})

    def run(clock):
        run_dag(clock, "dag1", "import own_p.a\n")
        return {name: line for name, line in imports(clock, "own_p.a").items() if line}

    assert timed(run)[0] == {"own_p": 1, "own_p.b": 1, "own_p.c": 3, "own_p.c.d": 3}


def test_import_within_a_function_is_told_at_its_line(libraries):
    libraries(lib_a="")

    def run(clock):
        run_dag(clock, "dag1", "def f():\n    import lib_a\n\nf()\n")
        return imports(clock, "dag1")

    assert timed(run)[0] == {"lib_a": 2}


def test_first_statement_is_the_one_that_is_told(libraries):
    libraries(lib_a="")

    def run(clock):
        run_dag(clock, "dag1", "import lib_a\nimport lib_a\nimport lib_a\n")
        return imports(clock, "dag1")

    assert timed(run)[0] == {"lib_a": 1}


def test_module_that_another_file_entered_by_its_name_is_told(libraries):
    libraries(lib_a="")

    def run(clock):
        clock.enter("dag1")
        exec("import lib_a\n", {"__name__": "own_new"})  # noqa: S102
        exec("import lib_a\n", {"__name__": 7})  # noqa: S102
        exec("import lib_a\n", {"__name__": "other"})  # noqa: S102
        import_module("lib_a")
        return imports(clock, "own_new"), imports(clock, "other"), "other" in clock._boring

    assert timed(run)[0] == ({"lib_a": 1}, None, True)


def test_import_that_fails_fails_as_before_and_is_over(libraries):
    libraries(lib_bad="1 / 0\n", lib_a=BUSY.format(0.02))

    def run(clock):
        source = "for name in ('lib_bad', 'lib_none'):\n    try: __import__(name)\n"
        source += "    except (ImportError, ArithmeticError) as e: said.append(type(e).__name__)\n"
        said = []
        clock.enter("dag1")
        exec(source, {"__name__": "dag1", "said": said})  # noqa: S102
        exec("import lib_a", {"__name__": "dag1"})  # noqa: S102
        return said, clock.costs("dag1")[0], len(clock._stack), clock._library

    said, seconds, stack, library = timed(run)[0]

    assert said == ["ZeroDivisionError", "ModuleNotFoundError"]
    assert seconds >= 0.02
    assert (stack, library) == (1, 0)


def test_traceback_has_no_frame_of_ours(libraries):
    libraries(lib_bad="1 / 0\n")

    def run(_):
        import traceback

        try:
            import_module("lib_bad")
        except ZeroDivisionError as error:
            files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        return [name for name in files if name.startswith(OURS)]

    assert timed(run)[0] == []


def test_outermost_library_is_what_the_audit_takes_note_of(libraries):
    libraries(lib_a="import lib_b\n", lib_b="", own_a="import lib_c\n", lib_c="")

    def run(clock):
        run_dag(clock, "dag1", "import lib_a, own_a\n")

    _, noted = timed(run)

    told = [one for one in noted if one in {True, False, "lib_a", "lib_b", "own_a", "lib_c"}]
    assert told == [True, "lib_b", False, "lib_a", True, False, "lib_c", "own_a"]


def test_statements_are_looked_at_while_a_file_is_executed_alone(libraries):
    libraries(lib_a="")

    def run(clock):
        import builtins

        usual = builtins.__import__
        exec("import lib_a\n", {"__name__": "own_new"})  # noqa: S102
        before = imports(clock, "own_new")
        clock.enter("dag1")
        inside = builtins.__import__ is usual
        clock.leave()
        exec("import lib_a\n", {"__name__": "own_new"})  # noqa: S102
        return before, inside, builtins.__import__ is usual, imports(clock, "own_new")

    assert timed(run)[0] == (None, False, True, None)


def test_file_is_never_boring(clock):
    clock._boring.update({"dag", "lib"})
    clock.enter("dag")
    clock.leave()

    assert clock._boring == {"lib"}


def test_new_file_begins_with_nothing_but_what_is_known_of_libraries(clock):
    graph(clock, dag=(1.0, {}), own_helper=(1.0, {}), lib=(1.0, {}))
    clock._boring.add("x")
    clock._stack.append(["dag", 0.0])
    clock._library = 1
    clock.libraries_seconds = 1.0
    clock.forget_own()

    assert set(clock._nodes) == {"lib"}
    assert (clock._boring, clock._stack, clock._library) == ({"x"}, [], 0)
    assert clock.libraries_seconds == 0.0


def test_end_without_a_beginning_is_survived(clock):
    clock._end("lib", module._CPU())

    assert clock._nodes["lib"].own >= 0.0
