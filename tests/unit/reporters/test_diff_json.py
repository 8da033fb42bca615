"""How DAGs differ, for machines."""

from fixtures.reports import full

from dagproof.reporters.diff_json import dag_diff


def test_dag_is_told_as_it_was_and_as_it_is():
    changed, added, removed = map(dag_diff, full().diffs)

    assert (changed["dag_id"], changed["fate"]) == ("taxi", "changed")
    assert (added["before"], removed["after"]) == (None, None)
    assert changed["changes"][0] == {
        "where": "tasks.fit.retries",
        "before": "3",
        "after": "0",
        "message": "`fit` is not retried any more",
        "severity": "warning",
        "harm": "A lost connection fails the run.",
    }
    assert changed["before"] == {
        "dag_id": "taxi",
        "path": "dags/taxi/dag.py",
        "schedule": "@daily",
        "tasks": [
            {
                "task_id": "download",
                "operator": "@task",
                "upstream": [],
                "mapped": True,
                "fields": {"retries": "3"},
            },
            {
                "task_id": "fit",
                "operator": "@task",
                "upstream": ["download"],
                "mapped": False,
                "fields": {"pool": "default_pool"},
            },
            {
                "task_id": "register",
                "operator": "PythonOperator",
                "upstream": ["fit"],
                "mapped": False,
                "fields": {},
            },
        ],
        "params": {"year": "2023 (integer)"},
        "fields": {"catchup": "False", "tags": "taxi"},
    }
