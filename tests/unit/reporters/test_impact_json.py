"""What a change can affect, for machines."""

from fixtures.reports import full

from dagproof.model import Impact
from dagproof.reporters.impact_json import impact


def test_affected_files_are_told_with_the_way_to_what_changed():
    assert impact(full().impact) == {
        "everything": "",
        "total": 3,
        "affected": [
            {
                "path": "dags/taxi/dag.py",
                "dag_ids": ["taxi"],
                "changed": "plugins/once.py",
                "reason": "it imports `once`",
                "chain": [
                    {
                        "path": "dags/taxi/dag.py",
                        "line": 2,
                        "column": 5,
                        "message": "imported here",
                    }
                ],
                "imports": True,
            }
        ],
        "idle": ["README.md"],
    }


def test_reason_to_look_at_everything_is_told():
    assert impact(Impact("`uv.lock` has changed", total=2))["everything"] == "`uv.lock` has changed"
