"""What was tried, with the keys that readers of the document rely on."""

import json

from dagproof.model import ContractTrace, Counterexample, Report, Span
from dagproof.reporters.json import render

SPAN = Span("dags/x.py", 3, 5, 4, 9)


def told(*traces):
    return json.loads(render(Report(contracts=traces)))["contracts"]


def test_file_without_anything_to_tell_has_every_key():
    assert told(ContractTrace("dags/x.py")) == [
        {
            "path": "dags/x.py",
            "dag_ids": [],
            "confs": 0,
            "templates": 0,
            "values": 0,
            "seconds": 0.0,
            "failure": "",
            "counterexamples": [],
        }
    ]


def test_everything_that_was_tried_is_told():
    broken = Counterexample("slug", "m", SPAN, "etl", "load", "month", {"n": None}, (), "detail")
    always = Counterexample("slug", "m", SPAN)
    trace = ContractTrace(
        "dags/x.py", ("a", "b"), (broken, always), 1, 2, 3, 0.12345, "its time ran out"
    )

    assert told(trace, ContractTrace("dags/y.py"))[0] == {
        "path": "dags/x.py",
        "dag_ids": ["a", "b"],
        "confs": 1,
        "templates": 2,
        "values": 3,
        "seconds": 0.123,
        "failure": "its time ran out",
        "counterexamples": [
            {
                "offence": "slug",
                "dag_id": "etl",
                "task_id": "load",
                "field": "month",
                "conf": {"n": None},
                "path": "dags/x.py",
                "line": 3,
            },
            {
                "offence": "slug",
                "dag_id": "",
                "task_id": "",
                "field": "",
                "conf": None,
                "path": "dags/x.py",
                "line": 3,
            },
        ],
    }
