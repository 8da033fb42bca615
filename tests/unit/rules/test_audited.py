"""Each rule that watches tells what a trace holds, and nothing where it holds none of it."""

from dataclasses import replace
from typing import Any

import pytest

from dagproof.model import (
    Crash,
    Difference,
    Effect,
    Ending,
    GlobalLeak,
    Hit,
    ImportFailure,
    ImportTrace,
    Kind,
    ModuleCost,
    Related,
    Severity,
    Span,
)
from dagproof.rules import IMPORTS
from dagproof.rules.audited import Audited, called, code

RULES = {rule.code: rule for rule in IMPORTS}
PATH = "dags/a.py"
HERE = Span(PATH, 4, 1, 4, 20)
THERE = Span("plugins/b.py", 7, 5, 7, 9)
TOP = Span(PATH, 1, 1, 1, 1)
WAY = (Related(Span(PATH, 2, 1, 2, 9), "called here"),)

EFFECTS = {
    "DP201": Kind.MLFLOW,
    "DP202": Kind.NETWORK,
    "DP203": Kind.DATABASE,
    "DP204": Kind.AIRFLOW_METADATA,
    "DP205": Kind.FILESYSTEM_WRITE,
    "DP206": Kind.FILESYSTEM_READ,
    "DP207": Kind.SUBPROCESS,
    "DP208": Kind.ENVIRONMENT,
    "DP209": Kind.SLEEP,
    "DP210": Kind.THREAD,
}


def hits(code: str, **trace: Any) -> list[Hit]:
    return list(RULES[code].check(Audited(ImportTrace(PATH, **trace), 1.0)))


def message(code: str, **trace: Any) -> str:
    [hit] = hits(code, **trace)
    return hit.message


def effect(kind: Kind, event: str, detail: str = "", **more: Any) -> Effect:
    return Effect(kind, event, detail, **{"span": HERE, **more})


def failure(type_: str, text: str, **more: Any) -> ImportFailure:
    told = {"span": HERE, "traceback": "Traceback\n  boom\n", **more}
    return ImportFailure(type_, text, **told)


# Effects


@pytest.mark.parametrize(("code", "kind"), EFFECTS.items(), ids=EFFECTS)
def test_effect_is_told_by_the_rule_of_its_kind_alone(code: str, kind: Kind) -> None:
    seen = [effect(one, "event", "it") for one in Kind]

    assert len(hits(code, effects=tuple(seen))) == 1
    assert hits(code, effects=tuple(one for one in seen if one.kind is not kind)) == []
    assert RULES[code].kind is kind


@pytest.mark.parametrize(("code", "kind"), EFFECTS.items(), ids=EFFECTS)
def test_severity_is_that_of_what_is_read(code: str, kind: Kind) -> None:
    from dagproof.rules import READING

    [read] = [rule for rule in READING if rule.code == code.replace("DP2", "DP1")]
    assert RULES[code].severity is read.severity
    assert read.kind is kind
    assert RULES[code].slug == read.slug.replace("-at-import", "-during-import")


@pytest.mark.parametrize("code", [*EFFECTS, "DP211"])
def test_native_call_is_told_by_its_own_rule_alone(code: str) -> None:
    kinds = [Kind.SUBPROCESS, EFFECTS.get(code, Kind.SUBPROCESS)]
    seen = tuple(effect(kind, "ctypes.dlopen", "libm.so", native=True) for kind in kinds)

    assert len(hits(code, effects=seen)) == (2 if code == "DP211" else 0)
    assert hits("DP211", effects=(effect(Kind.SUBPROCESS, "os.system", "ls"),)) == []


WORDS = [
    ("DP201", "mlflow.set_experiment", "taxi", "`mlflow.set_experiment` of `taxi` was called"),
    ("DP201", "socket.connect", "ml:5000", "`socket.connect` to `ml:5000` was called"),
    ("DP201", "open", "/mlruns/meta", "`open` of `/mlruns/meta` was called"),
    ("DP202", "socket.connect", "rates.test:443", "`socket.connect` to `rates.test:443` ran"),
    ("DP202", "socket.sendto", "10.0.0.1:53", "`socket.sendto` to `10.0.0.1:53` ran"),
    ("DP202", "urllib.Request", "https://x", "`urllib.Request` to `https://x` ran"),
    ("DP202", "socket.getaddrinfo", "rates.test", "`socket.getaddrinfo` of `rates.test` ran"),
    ("DP203", "sqlite3.connect", "/shop.db", "`sqlite3.connect` to `/shop.db` ran"),
    ("DP204", "Variable.get", "bucket", "`Variable.get` of `bucket` was called"),
    ("DP205", "open", "/data/raw", "`open` of `/data/raw` for writing ran"),
    ("DP205", "os.mkdir", "/data/raw", "`os.mkdir` of `/data/raw` ran"),
    ("DP206", "open", "/data/raw", "`open` of `/data/raw` ran"),
    ("DP207", "subprocess.Popen", "git log", "`subprocess.Popen` of `git log` ran"),
    ("DP207", "webbrowser.open", "https://x", "`webbrowser.open` of `https://x` ran"),
    ("DP207", "os.fork", "", "`os.fork` ran"),
    ("DP208", "os.putenv", "TZ", "`TZ` was set in the environment"),
    ("DP208", "os.unsetenv", "TZ", "`TZ` was removed from the environment"),
    ("DP208", "resource.setrlimit", "7", "`resource.setrlimit` of `7` ran"),
    ("DP209", "time.sleep", "5 s", "`time.sleep` of `5 s` was called"),
    ("DP210", "_thread.start_new_thread", "print", "A thread that runs `print` was started"),
    ("DP210", "threading.Thread.start", "print", "A thread that runs `print` was started"),
    ("DP210", "_thread.start_new_thread", "", "`_thread.start_new_thread` ran"),
    ("DP210", "os.fork", "4", "`os.fork` of `4` ran"),
    ("DP211", "ctypes.dlopen", "libm.so", "`ctypes.dlopen` of `libm.so` ran"),
]


@pytest.mark.parametrize(("code", "event", "detail", "told"), WORDS)
def test_effect_is_told_in_words_of_its_kind(code: str, event: str, detail: str, told: str) -> None:
    seen = effect(EFFECTS.get(code, Kind.SUBPROCESS), event, detail, native=code == "DP211")

    assert message(code, effects=(seen,)) == f"{told} when this file was imported"


def test_refused_effect_says_who_refused_it() -> None:
    seen = effect(Kind.NETWORK, "socket.connect", "rates.test:443", refused=True)

    assert message("DP202", effects=(seen,)) == (
        "`socket.connect` to `rates.test:443` was tried when this file was imported, "
        "and the audit refused it"
    )


def test_effect_in_another_file_names_the_dag_file_and_the_way() -> None:
    seen = effect(Kind.SLEEP, "time.sleep", "5 s", span=THERE, chain=WAY)
    [hit] = hits("DP209", effects=(seen,))

    assert hit.message == "`time.sleep` of `5 s` was called when `dags/a.py` was imported"
    assert (hit.span, hit.related) == (THERE, WAY)


def test_every_effect_of_a_kind_is_told_in_order() -> None:
    seen = tuple(effect(Kind.THREAD, "_thread.start_new_thread", name) for name in "ba")

    assert ["`b`" in hit.message for hit in hits("DP210", effects=seen)] == [True, False]


def test_code_is_one_short_line_in_one_pair_of_backticks() -> None:
    assert code("\n  a `b` c\nd") == "`a 'b' c`"
    assert code("x" * 200) == f"`{'x' * 200}`"
    assert code("x" * 201) == f"`{'x' * 199}…`"
    assert code("") == "``"
    assert called(effect(Kind.SUBPROCESS, "os.system", "a\nb")) == "`os.system` of `a`"


# Errors, time-outs, crashes


def test_import_error_shows_type_first_line_and_traceback() -> None:
    told = failure("KeyError", "'a'\nand more", chain=WAY)
    [hit] = hits("DP220", errors=(told,), ending=Ending.FAILED)

    assert hit.message == "`KeyError: 'a'` ended the import of this file"
    assert (hit.span, hit.related, hit.detail) == (HERE, WAY, "Traceback\n  boom")


def test_import_error_without_a_message_shows_the_type_alone() -> None:
    assert message("DP220", errors=(failure("StopIteration", " "),)).startswith("`StopIteration` e")


def test_import_error_in_another_file_names_the_dag_file() -> None:
    told = failure("KeyError", "'a'", span=THERE)

    assert message("DP220", errors=(told,)).endswith("ended the import of `dags/a.py`")


def test_dag_that_airflow_refuses_is_named() -> None:
    told = failure("AirflowDagCycleException", "Cycle detected", dag_id="daily")

    assert message("DP220", errors=(told,)) == (
        "Airflow refuses the DAG `daily`: `AirflowDagCycleException: Cycle detected`"
    )


def test_every_import_error_is_told_but_those_that_the_audit_caused() -> None:
    told = (
        failure("PermissionError", "refused", caused=True),
        failure("KeyError", "a"),
        failure("ValueError", "b"),
    )

    assert [hit.message[:6] for hit in hits("DP220", errors=told)] == ["`KeyEr", "`Value"]
    assert hits("DP222", errors=told) == []


@pytest.mark.parametrize(
    ("type_", "told"),
    [
        ("RecursionError", "recurses without end"),
        ("MemoryError", "needs more memory than the audit gives it"),
    ],
)
def test_exhaustion_is_a_crash_and_no_import_error(type_: str, told: str) -> None:
    errors = (failure(type_, "", chain=WAY),)
    [hit] = hits("DP222", errors=errors, ending=Ending.FAILED)

    assert hits("DP220", errors=errors) == []
    assert hit.message == f"The import of this file {told}"
    assert (hit.span, hit.related, hit.detail) == (HERE, WAY, "Traceback\n  boom")
    assert hits("DP222", errors=(failure(type_, "", caused=True),)) == []


@pytest.mark.parametrize(
    ("code", "ending", "told"),
    [
        ("DP221", Ending.TIMED_OUT, "did not end in time: it did this"),
        ("DP222", Ending.CRASHED, "crashed: it did this"),
    ],
)
def test_end_of_the_process_is_told_where_it_was_seen_last(
    code: str, ending: Ending, told: str
) -> None:
    crash = Crash("it did this", HERE, WAY, "stack\n")
    [hit] = hits(code, ending=ending, crash=crash)

    assert hit == Hit(HERE, f"The import of this file {told}", WAY, detail="stack")
    assert "`dags/a.py`" in message(code, ending=ending, crash=replace(crash, span=THERE))
    for other in Ending:
        assert bool(hits(code, ending=other, crash=crash)) is (other is ending)


@pytest.mark.parametrize(
    ("code", "ending"), [("DP221", Ending.TIMED_OUT), ("DP222", Ending.CRASHED)]
)
def test_end_that_nobody_saw_is_told_at_the_top(code: str, ending: Ending) -> None:
    [hit] = hits(code, ending=ending)

    assert hit.span == TOP
    assert hit.message.startswith("The import of this file ")


# Cost


def test_import_within_its_budget_is_not_slow() -> None:
    told = ImportTrace(PATH, seconds=1.5, modules=(ModuleCost("pandas", 1.2, 0.1),))

    assert list(RULES["DP223"].check(Audited(told, 1.5))) == []
    assert len(list(RULES["DP223"].check(Audited(told, 1.49)))) == 1


def grown(before: float | None, *, growth: float = 0.2, **trace: Any) -> list[Hit]:
    told = ImportTrace(PATH, **{"seconds": 1.5, **trace})
    return list(RULES["DP229"].check(Audited(told, 9.0, before, growth)))


def test_import_has_grown_where_it_costs_more_than_before_and_the_budget() -> None:
    [hit] = grown(0.5)

    assert hit.message == (
        "The import of this file took 1.50 s of processor time, and 0.50 s before"
    )
    assert (hit.span, hit.detail) == (TOP, "")
    assert grown(1.0, growth=0.5) == []
    assert len(grown(1.0, growth=0.49)) == 1


@pytest.mark.parametrize("before", [None, 1.5, 3.0])
def test_import_that_is_new_or_costs_no_more_has_not_grown(before: float | None) -> None:
    assert grown(before) == []


def test_growth_within_what_a_busy_machine_adds_is_none() -> None:
    assert grown(10.0, seconds=13.0) == []
    assert len(grown(10.0, seconds=13.1)) == 1


@pytest.mark.parametrize("ending", [one for one in Ending if one is not Ending.IMPORTED])
def test_import_that_did_not_come_to_its_end_has_not_grown(ending: Ending) -> None:
    assert grown(0.5, ending=ending) == []


def test_growth_is_told_at_the_import_that_costs_most() -> None:
    modules = (
        ModuleCost("yaml", 0.25, 0.2, ("dags/a.py",), HERE),
        ModuleCost("pandas", 1.25, 0.5, ("dags/a.py", "helpers.rates"), THERE),
    )
    [hit] = grown(0.5, modules=modules)

    assert hit.message == (
        "The import of `dags/a.py` took 1.50 s of processor time, and 0.50 s before; "
        "`dags/a.py > helpers.rates > pandas` costs most"
    )
    assert hit.span == THERE
    rows = hit.detail.splitlines()
    assert [row.split()[-1] for row in rows] == ["module", "pandas", "yaml"]


def test_growth_whose_import_nobody_saw_is_told_at_the_top() -> None:
    [hit] = grown(0.5, modules=(ModuleCost("pandas", 1.2, 0.1),))

    assert hit.span == TOP


def slow(**trace: Any) -> Hit:
    told = ImportTrace(PATH, seconds=2.345, **trace)
    [hit] = RULES["DP223"].check(Audited(told, 0.5))
    return hit


def test_slow_import_blames_the_most_expensive_module_with_its_chain() -> None:
    modules = (
        ModuleCost("yaml", 0.25, 0.2, ("dags/a.py",), THERE),
        ModuleCost("pandas", 1.25, 0.5, ("dags/a.py", "helpers.rates"), HERE),
    )
    hit = slow(modules=modules)

    assert hit.message == (
        "The import of this file took 2.35 s of processor time where 0.5 s is allowed, "
        "1.25 s of it for `dags/a.py > helpers.rates > pandas`"
    )
    assert hit.span == HERE
    assert hit.detail.split("\n") == [
        "     own  cumulative  module",
        "  0.50 s      1.25 s  dags/a.py > helpers.rates > pandas",
        "  0.20 s      0.25 s  dags/a.py > yaml",
    ]


def test_slow_import_in_a_helper_names_the_dag_file() -> None:
    assert "`dags/a.py`" in slow(modules=(ModuleCost("pandas", 1.2, 1.2, (), THERE),)).message


def test_slow_import_without_a_place_stands_at_the_top() -> None:
    assert slow(modules=(ModuleCost("pandas", 1.2, 1.2),)).span == TOP
    assert slow() == Hit(
        TOP, "The import of this file took 2.35 s of processor time where 0.5 s is allowed"
    )


def test_eight_modules_are_listed() -> None:
    modules = tuple(ModuleCost(f"m{number}", number, 0.0) for number in range(12))
    lines = slow(modules=modules).detail.split("\n")

    assert [line.split()[-1] for line in lines[1:]] == [f"m{number}" for number in range(11, 3, -1)]


# What becomes of the DAGs


def test_each_unstable_dag_is_told_with_what_differs_first() -> None:
    differences = (
        Difference("b", "start_date", "1", "2"),
        Difference("a", "tasks.load.retries", "3", ""),
        Difference("b", "tags", "x", "y"),
    )
    one, other = hits("DP224", differences=differences, spans={"a": HERE})

    assert one.message == "`b` differs from import to import: `start_date` was `1` and then `2`"
    assert one.detail == "start_date: 1 != 2\ntags: x != y"
    assert one.span == TOP
    assert other.message.endswith(": `tasks.load.retries` was `3` and then nothing")
    assert other.detail == "tasks.load.retries: 3 != nothing"
    assert other.span == HERE


def test_ten_differences_are_listed_and_the_others_counted() -> None:
    def detail(count: int) -> list[str]:
        told = tuple(Difference("a", f"p{number}", "1", "2") for number in range(count))
        [hit] = hits("DP224", differences=told)
        return hit.detail.split("\n")

    assert detail(10)[-1] == "p9: 1 != 2"
    assert detail(12)[9:] == ["p9: 1 != 2", "and 2 more"]


def test_import_that_fails_once_is_unstable() -> None:
    [hit] = hits("DP224", differences=(Difference("", "", "", "KeyError: 'a'"),))

    assert hit.message == (
        "One import of this file failed and another did not: nothing and then `KeyError: 'a'`"
    )
    assert hit.detail == "import: nothing != KeyError: 'a'"


def test_dag_that_differs_as_a_whole_is_told_without_a_place() -> None:
    told = message("DP224", differences=(Difference("a", "", "there", "missing"),))

    assert told == "`a` differs from import to import: `there` and then `missing`"


def test_file_that_safe_mode_skips_is_told_where_it_makes_dags() -> None:
    [hit] = hits("DP225", skipped="safe-mode", dag_ids=("a", "b"))

    assert hit.message == (
        "Airflow never imports this file, as its text lacks `dag` or `airflow`: "
        "there is no DAG `a`, `b`"
    )
    assert hit.span == TOP
    assert hits("DP225", skipped="safe-mode") == []
    assert hits("DP225", dag_ids=("a",)) == []
    assert hits("DP225", skipped=".airflowignore:3 *.py", dag_ids=("a",)) == []


def test_file_that_a_pattern_covers_is_a_note() -> None:
    [hit] = hits("DP228", skipped=".airflowignore:3 *.py")

    assert hit.message == "Airflow never imports this file, as `.airflowignore:3 *.py` covers it"
    assert hit.span == TOP
    assert RULES["DP228"].severity is Severity.NOTE
    assert hits("DP228") == []
    assert hits("DP228", skipped="safe-mode", dag_ids=("a",)) == []


def test_dag_that_cannot_be_serialized_is_named() -> None:
    told = failure("SerializationError", "Timetable\nis not", dag_id="daily", chain=WAY)
    [hit] = hits("DP226", unserializable=(told,))

    assert hit.message == ("The DAG `daily` cannot be serialized: `SerializationError: Timetable`")
    assert (hit.span, hit.related, hit.detail) == (HERE, WAY, "Traceback\n  boom")
    assert hits("DP226", unserializable=(replace(told, caused=True),)) == []
    assert hits("DP226", errors=(told,)) == []


def test_dag_without_an_id_and_error_without_a_message_are_told() -> None:
    assert message("DP226", unserializable=(failure("TypeError", ""),)) == (
        "A DAG of this file cannot be serialized: `TypeError`"
    )


def test_leak_is_told_with_how_it_changed() -> None:
    leak = GlobalLeak("sys.path", "now has `/opt/lib`", HERE, WAY)

    assert hits("DP227", leaks=(leak,)) == [
        Hit(HERE, "The import left `sys.path` changed: it now has `/opt/lib`", WAY)
    ]


@pytest.mark.parametrize("rule", IMPORTS, ids=lambda rule: rule.code)
def test_file_that_did_nothing_is_clean(rule: Any) -> None:
    told = ImportTrace(PATH, dag_ids=("a",), seconds=0.9)

    assert list(rule.check(Audited(told, 1.0))) == []
