"""What was seen of imports, with the keys that readers of the document rely on."""

import json

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
    Report,
    Span,
)
from dagproof.reporters.json import render

PLACE = Span("dags/x.py", 3, 5, 4, 9)
CHAIN = (
    Related(Span("dags/x.py", 40, 2, 40, 9), "called here"),
    Related(Span("plugins/y.py", 7, 3, 7, 9), "imported here"),
)


def told(*traces):
    return json.loads(render(Report(imports=traces)))["imports"]


def test_file_without_anything_to_tell_has_every_key():
    assert told(ImportTrace("dags/x.py")) == [
        {
            "path": "dags/x.py",
            "ending": "imported",
            "dag_ids": [],
            "seconds": 0.0,
            "modules": [],
            "effects": [],
            "errors": [],
            "unserializable": [],
            "differences": [],
            "leaks": [],
            "skipped": "",
        }
    ]


def test_everything_that_was_seen_is_told():
    trace = ImportTrace(
        "dags/x.py",
        Ending.TIMED_OUT,
        ("a", "b"),
        (Effect(Kind.NETWORK, "socket.connect", "db:5432", PLACE, CHAIN, refused=True),),
        1.23456,
        (ModuleCost("pandas", 0.98765, 0.12345, ("dags/x.py", "pandas"), PLACE),),
        (ImportFailure("KeyError", "k", "Traceback 1", PLACE, CHAIN),),
        (ImportFailure("TypeError", "t", "Traceback 2", CHAIN[1].span, (), "b"),),
        Crash("it hangs", PLACE),
        (GlobalLeak("sys.path", "now has `/opt/lib`", PLACE, CHAIN),),
        (Difference("a", "tasks.load.retries", "1", "2"),),
        "safe-mode",
    )

    assert told(trace) == [
        {
            "path": "dags/x.py",
            "ending": "timed-out",
            "dag_ids": ["a", "b"],
            "seconds": 1.235,
            "modules": [
                {
                    "name": "pandas",
                    "seconds": 0.988,
                    "own": 0.123,
                    "chain": ["dags/x.py", "pandas"],
                }
            ],
            "effects": [
                {
                    "kind": "network",
                    "event": "socket.connect",
                    "detail": "db:5432",
                    "refused": True,
                    "path": "dags/x.py",
                    "line": 3,
                    "column": 5,
                    "chain": [
                        {"path": "dags/x.py", "line": 40, "column": 2, "message": "called here"},
                        {
                            "path": "plugins/y.py",
                            "line": 7,
                            "column": 3,
                            "message": "imported here",
                        },
                    ],
                }
            ],
            "errors": [
                {
                    "type": "KeyError",
                    "message": "k",
                    "traceback": "Traceback 1",
                    "path": "dags/x.py",
                    "line": 3,
                    "dag_id": "",
                }
            ],
            "unserializable": [
                {
                    "type": "TypeError",
                    "message": "t",
                    "traceback": "Traceback 2",
                    "path": "plugins/y.py",
                    "line": 7,
                    "dag_id": "b",
                }
            ],
            "differences": [
                {"dag_id": "a", "where": "tasks.load.retries", "first": "1", "second": "2"}
            ],
            "leaks": [
                {
                    "name": "sys.path",
                    "detail": "now has `/opt/lib`",
                    "path": "dags/x.py",
                    "line": 3,
                }
            ],
            "skipped": "safe-mode",
        }
    ]


def test_effect_that_happened_was_not_refused():
    [trace] = told(ImportTrace("x.py", effects=(Effect(Kind.SLEEP, "time.sleep", "5", PLACE),)))

    assert trace["effects"][0]["refused"] is False
    assert trace["effects"][0]["chain"] == []


def test_files_keep_the_order_of_the_report():
    traces = told(ImportTrace("b.py", seconds=1.0), ImportTrace("a.py", seconds=2.0))

    assert [trace["path"] for trace in traces] == ["b.py", "a.py"]
