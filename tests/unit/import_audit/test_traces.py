"""One trace is made of several imports of a file, and says what each of them is good for."""

from dataclasses import replace

import pytest

from dagproof.import_audit.frames import CALLED
from dagproof.import_audit.orders import Job, Mode, Outcome
from dagproof.import_audit.places import Sources
from dagproof.import_audit.traces import Evidence, Limits, further_job, trace_of
from dagproof.model import (
    Crash,
    Difference,
    Effect,
    Ending,
    GlobalLeak,
    ImportFailure,
    ImportTrace,
    Kind,
    ModuleCost,
    Related,
    Span,
)

PATH = "/repo/dags/a.py"
JOB = Job(3, PATH, "/repo/dags")
LIMITS = Limits(8.0, 2**30)
HERE = Span("dags/a.py", 1, 1, 1, 1)
CRASHED = """\
Fatal Python error: Segmentation fault

Current thread 0x1 (most recent call first):
  File "/repo/dags/a.py", line 7 in <module>
"""


def line(number, path=PATH, how=""):
    return [path, number, number, 0, 0, how]


def span(number, path="dags/a.py"):
    return Span(path, number, 1, number, 1)


def effect(kind, number, event="open", *, refused=False, native=False, detail="x", way=()):
    return {
        "effect": event, "kind": kind, "detail": detail, "refused": refused, "native": native,
        "places": [*way, line(number)],
    }  # fmt: skip


def error(kind="ValueError", message="bad", *, caused=False, places=(), path=PATH):
    return {
        "type": kind, "message": message, "text": f"{kind}: {message}", "places": list(places),
        "path": path, "caused": caused,
    }  # fmt: skip


def outcome(mode=Mode.PLAIN, **given):
    result = {"dag_ids": [], "dags": {}, "errors": [], "spans": {}, **given.pop("result", {})}
    made = Outcome(replace(JOB, mode=mode), **given)
    made.result = {} if made.ending else result
    return made


def evidence(first=None, **given):
    return Evidence(JOB, twice=True, first=first or outcome(), **given)


def trace(first=None, **given):
    sources = Sources(lambda path: str(path).removeprefix("/repo/"))
    return trace_of(evidence(first, **given), sources, lambda path: "/repo/" in path, LIMITS)


def leaking(*names, random=("1", "2")):
    return outcome(result={"leaks": [[name, "changed"] for name in names], "random": list(random)})


# What is asked next


def test_nothing_is_asked_of_a_file_that_imports():
    assert further_job(evidence()) is None


def late(**given):
    """Return an outcome of a process that had imported other files before."""
    made = outcome(**given)
    made.fresh = False
    return made


@pytest.mark.parametrize(
    ("first", "second", "doubtful"),
    [
        (late(ending="timeout"), None, True),
        (late(ending="timeout"), outcome(ending="timeout"), False),
        (late(ending="timeout"), outcome(), True),
        (late(result={"errors": [error()]}), None, True),
        (late(result={"errors": [error()]}), outcome(result={"errors": [error()]}), False),
        (late(result={"errors": [error()]}), outcome(result={"errors": [error("KeyError")]}), True),
        (late(result={"errors": [error("SyntaxError")]}), None, False),
        (late(), None, False),
    ],
)
def test_file_that_fails_behind_others_alone_is_imported_alone(first, second, doubtful):
    given = evidence(first, second=second)

    assert (further_job(given) == replace(JOB, mode=Mode.ALONE)) is doubtful
    assert further_job(given) != replace(JOB, mode=Mode.ALONE)


def test_file_that_fails_in_a_process_of_its_own_is_beyond_doubt():
    first = late(ending="timeout")
    first.fresh = True

    assert further_job(evidence(first)) is None


@pytest.mark.parametrize("second", [None, outcome(ending="SIGSEGV"), outcome()])
def test_error_that_the_audit_caused_is_gone_past(second):
    given = evidence(outcome(result={"errors": [error(), error(caused=True)]}), second=second)

    assert further_job(given) == replace(JOB, mode=Mode.ONWARD)
    assert further_job(given) is None


def test_error_of_the_file_itself_is_not():
    assert further_job(evidence(outcome(result={"errors": [error()]}))) is None


def test_leaks_are_looked_for_line_by_line():
    given = evidence(leaking("sys.path", "the umask"))

    assert further_job(given) == replace(
        JOB, mode=Mode.STEPWISE, look_for=("sys.path", "the umask")
    )
    assert further_job(given) is None


def test_one_thing_is_asked_after_the_other():
    first = leaking("sys.path")
    first.result = {**first.result, "errors": [error(caused=True)]}
    given = evidence(first)

    asked = [further_job(given).mode, further_job(given).mode, further_job(given)]
    assert asked == [Mode.ONWARD, Mode.STEPWISE, None]


def test_end_that_nobody_saw_is_looked_for_line_by_line():
    given = evidence(outcome(ending="exit code 3"))

    assert further_job(given) == replace(JOB, mode=Mode.STEPWISE)


@pytest.mark.parametrize(
    "first",
    [
        outcome(ending="timeout"),
        outcome(ending="SIGSEGV", stack=CRASHED),
        outcome(ending="exit code 3", places=[line(3)]),
    ],
    ids=["timeout", "stack", "places"],
)
def test_end_that_was_seen_or_took_all_the_time_is_not(first):
    assert further_job(evidence(first)) is None


def test_randomness_alone_is_asked_about_where_it_was_seeded():
    seeded = evidence(leaking("random", random=("7", "8")), second=leaking(random=("7", "9")))
    used = evidence(leaking("random", random=("7", "8")), second=leaking(random=("6", "8")))

    assert further_job(seeded) == replace(JOB, mode=Mode.STEPWISE, look_for=("random",))
    assert further_job(used) is None


# Endings


@pytest.mark.parametrize(
    ("first", "ending"),
    [
        (outcome(), Ending.IMPORTED),
        (outcome(result={"errors": [error()]}), Ending.FAILED),
        (outcome(ending="timeout"), Ending.TIMED_OUT),
        (outcome(ending="SIGKILL"), Ending.CRASHED),
        (outcome(ending="memory"), Ending.CRASHED),
    ],
)
def test_ending_is_that_of_the_first_import(first, ending):
    assert trace(first).ending is ending
    assert trace(first, onward=outcome(ending="SIGKILL")).ending is ending


def test_file_of_which_nothing_is_known_is_an_empty_trace():
    given = Evidence(JOB, twice=False)
    sources = Sources(lambda path: path.name)

    assert trace_of(given, sources, bool, LIMITS) == ImportTrace("a.py")


def test_plain_facts_are_passed_on():
    given = trace(
        outcome(
            result={
                "dag_ids": ["a", "b"],
                "dags": {"a": ["{}"], "b": ["TypeError", "no", "Traceback"]},
                "seconds": 1.5,
                "spans": {"a": [line(2, how=CALLED), line(4)], "c": []},
                "modules": [
                    ["pandas", 1.0, 0.5, ["unusual", "helper"], 3, PATH],
                    ["numpy", 0.5, 0.5, ["unusual"], 0, PATH],
                    ["scipy", 0.5, 0.5, ["unusual"], 3, ""],
                ],
            }
        )
    )

    assert given.path == "dags/a.py"
    assert given.dag_ids == ("a", "b")
    assert given.seconds == 1.5
    assert given.spans == {"a": span(4)}
    assert given.modules == (
        ModuleCost("pandas", 1.0, 0.5, ("dags/a.py", "helper"), span(3)),
        ModuleCost("numpy", 0.5, 0.5, ("dags/a.py",), None),
        ModuleCost("scipy", 0.5, 0.5, ("dags/a.py",), None),
    )


def test_failures_are_told_where_they_were_raised():
    given = trace(outcome(result={"errors": [
        error(caused=True, places=[line(2, how="imported here"), line(7, "/repo/b.py")]),
        error(path="/repo/dags/c.py"), error(path=""),
    ]}))  # fmt: skip

    assert given.errors == (
        ImportFailure(
            "ValueError", "bad", "ValueError: bad", span(7, "b.py"),
            (Related(span(2), "imported here"),), caused=True,
        ),
        ImportFailure("ValueError", "bad", "ValueError: bad", span(1, "dags/c.py")),
        ImportFailure("ValueError", "bad", "ValueError: bad", HERE),
    )  # fmt: skip


def test_dag_that_cannot_be_serialized_is_told_where_it_is_made():
    given = trace(outcome(result={
        "dags": {"a": ["TypeError", "no", "Traceback"], "b": ["E", "m", "t"], "c": ["{}"]},
        "spans": {"a": [line(5)]},
    }))  # fmt: skip

    assert given.unserializable == (
        ImportFailure("TypeError", "no", "Traceback", span(5), (), "a"),
        ImportFailure("E", "m", "t", HERE, (), "b"),
    )


# Effects


def test_effects_are_told_with_their_way():
    given = trace(outcome(effects=[
        effect("network", 7, "socket.connect", refused=True, way=[line(2, how=CALLED)]),
        effect("subprocess", 8, "ctypes.dlopen", native=True),
    ]))  # fmt: skip

    assert given.effects == (
        Effect(
            Kind.NETWORK, "socket.connect", "x", span(7), (Related(span(2), CALLED),), refused=True
        ),
        Effect(Kind.SUBPROCESS, "ctypes.dlopen", "x", span(8), native=True),
    )


def test_effects_of_several_imports_are_merged_once_and_in_order():
    first = outcome(effects=[effect("network", 2, refused=True), effect("network", 3)])
    onward = outcome(
        Mode.ONWARD,
        effects=[effect("network", 2, detail="y"), effect("network", 5), effect("database", 2)],
    )

    told = trace(first, onward=onward).effects

    assert [(one.kind.value, one.span.line, one.detail) for one in told] == [
        ("network", 2, "x"), ("network", 3, "x"), ("network", 5, "x"), ("database", 2, "x"),
    ]  # fmt: skip
    assert told[0].refused


def test_effects_of_the_second_and_the_stepwise_import_are_not_told():
    seen = outcome(effects=[effect("network", 2)])

    assert trace(second=seen, stepwise=seen).effects == ()


def test_native_and_other_effects_of_one_place_are_two():
    told = trace(outcome(effects=[effect("subprocess", 2), effect("subprocess", 2, native=True)]))

    assert len(told.effects) == 2


# Leaks


def test_leak_is_told_at_the_line_after_which_it_was_changed():
    stepwise = outcome(Mode.STEPWISE, leaks=[("sys.path", [line(2, how=CALLED), line(4)])])

    assert trace(leaking("sys.path", "the umask"), stepwise=stepwise).leaks == (
        GlobalLeak("sys.path", "changed", span(4), (Related(span(2), CALLED),)),
        GlobalLeak("the umask", "changed", HERE),
    )


def test_last_change_is_the_one_that_is_left():
    leaks = [("sys.path", [line(2)]), ("sys.path", [line(4)])]

    [leak] = trace(leaking("sys.path"), stepwise=outcome(leaks=leaks)).leaks

    assert leak.span == span(4)


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (None, []),
        (leaking(random=("1", "3")), ["random"]),
        (leaking(random=("0", "2")), ["numpy.random"]),
        (leaking(random=("1", "2")), ["random", "numpy.random"]),
        (leaking(random=("0", "0")), []),
        (outcome(ending="timeout"), []),
    ],
)
def test_randomness_was_seeded_where_another_import_left_the_same(second, told):
    given = trace(leaking("random", "numpy.random"), second=second)

    assert [leak.name for leak in given.leaks] == told


def test_other_leaks_need_no_other_import():
    for second in (None, leaking(random=("0", "0"))):
        assert [leak.name for leak in trace(leaking("sys.path"), second=second).leaks] == [
            "sys.path"
        ]


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ("sys.addaudithook", "was called, and nobody can undo it"),
        ("setopencodehook", "was called, and nobody can undo it"),
        ("sys.settrace", "was called"),
        ("sys.setprofile", "was called"),
        ("resource.setrlimit", "was called"),
    ],
)
def test_call_that_changes_the_process_is_a_leak_and_no_effect(event, detail):
    given = trace(outcome(effects=[effect("environment", 4, event)]))

    assert given.effects == ()
    assert given.leaks == (GlobalLeak(event, detail, span(4)),)


def test_leak_hides_no_effect_of_its_place():
    given = trace(outcome(effects=[
        effect("environment", 4, "sys.settrace"), effect("environment", 4, "os.putenv"),
    ]))  # fmt: skip

    assert len(given.leaks) == len(given.effects) == 1


# Crashes


def crash(**given):
    more = {name: given.pop(name) for name in ("stepwise",) if name in given}
    return trace(outcome(**given), **more).crash


def test_import_that_ended_has_no_crash():
    assert trace().crash is None
    assert trace(stepwise=outcome(ending="SIGKILL")).crash is None


@pytest.mark.parametrize(
    ("ending", "given", "what"),
    [
        ("timeout", {}, "it was still running after 8 s"),
        ("memory", {}, "it took more than 1024 MB of memory"),
        ("exit code 1", {"stack": "MemoryError"}, "it took more than 1024 MB of memory"),
        ("exit code 3", {}, "it ended its process with exit code 3"),
        ("SIGSEGV", {}, "signal SIGSEGV ended its process"),
        ("signal 40", {}, "signal 40 ended its process"),
        ("exit code 3", {"what": "`os._exit(3)` ended its process"},
         "`os._exit(3)` ended its process"),
    ],
)  # fmt: skip
def test_crash_is_told_in_words(ending, given, what):
    assert crash(ending=ending, **given).what == what


def test_crash_is_told_where_the_child_said_that_it_was():
    given = crash(ending="exit code 3", places=[line(2, how=CALLED), line(5)], what="it left")

    assert given.what == "it left"
    assert (given.span, given.chain) == (span(5), (Related(span(2), CALLED),))


def test_crash_is_told_where_python_said_that_it_was():
    told = crash(ending="SIGSEGV", stack=CRASHED, effects=[effect("network", 2)])

    assert told == Crash("signal SIGSEGV ended its process", span(7), (), CRASHED.strip())


def test_crash_is_told_at_the_last_line_that_was_seen_line_by_line():
    stepwise = outcome(Mode.STEPWISE, places=[line(6)])

    assert crash(ending="exit code 3", stepwise=stepwise).span == span(6)


def test_crash_that_nothing_else_is_known_of_is_told_at_the_last_effect():
    effects = [effect("network", 2), effect("network", 3)]

    assert crash(ending="exit code 3", effects=effects).span == span(3)
    assert crash(ending="exit code 3").span == HERE


# Differences


def imported(**dags):
    return outcome(result={"dags": dags})


def test_second_import_that_gave_other_dags_is_told():
    first, second = imported(a=['{"x": 1}']), imported(a=['{"x": 2}'])

    assert trace(first, second=second).differences == (Difference("a", "x", "1", "2"),)


def test_without_a_second_import_nothing_differs():
    assert trace(imported(a=["{}"])).differences == ()


def test_dag_that_could_not_be_serialized_once_is_not_compared():
    bad = ["TypeError", "no", "text"]

    assert trace(imported(a=bad, b=["{}"]), second=imported(a=["{}"], b=["{}"])).differences == ()
    assert trace(imported(a=["{}"]), second=imported(a=bad)).differences == ()


def test_dag_that_was_made_twice_under_one_id_is_not_compared():
    first, second = imported(a=['{"x": 1}']), imported(a=['{"x": 2}'])
    second.result["doubled"] = ["a"]

    assert trace(first, second=second).differences == ()


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (outcome(ending="timeout"), "does not end"),
        (outcome(ending="SIGSEGV"), "SIGSEGV"),
        (outcome(result={"errors": [error("KeyError", "a\nb")]}), "KeyError: a"),
    ],
)
def test_second_import_that_fails_is_told_instead_of_its_dags(second, told):
    assert trace(imported(a=["{}"]), second=second).differences == (
        Difference("", "the import", "succeeds", told),
    )


def test_first_import_that_fails_alone_is_told():
    first = outcome(result={"errors": [error()]})

    assert trace(first, second=outcome()).differences == (
        Difference("", "the import", "ValueError: bad", "succeeds"),
    )


def test_two_imports_that_fail_do_not_differ():
    one = outcome(result={"errors": [error("KeyError")]})
    other = outcome(result={"errors": [error("ValueError")]})

    assert trace(one, second=other).differences == ()
    assert trace(one, second=outcome(ending="timeout")).differences == ()


def test_second_import_that_the_audit_made_fail_does_not_differ():
    second = outcome(result={"errors": [error(caused=True)]})

    assert trace(imported(a=["{}"]), second=second).differences == ()


def test_import_that_crashed_is_not_compared():
    assert trace(outcome(ending="SIGSEGV"), second=imported(a=["{}"])).differences == ()
