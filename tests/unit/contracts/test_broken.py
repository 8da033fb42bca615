"""A promise that does not hold crosses processes as plain data."""

import json

from dagproof.contracts.broken import Broken


def test_record_has_every_field():
    broken = Broken("slug", "message", "etl", "load", "f", "{{ x }}", ("/a.py", 3), {"a": 1}, "d")

    assert broken.record() == {
        "offence": "slug",
        "message": "message",
        "dag_id": "etl",
        "task_id": "load",
        "field": "f",
        "text": "{{ x }}",
        "place": ("/a.py", 3),
        "conf": {"a": 1},
        "detail": "d",
    }
    assert json.loads(json.dumps(broken.record()))["place"] == ["/a.py", 3]


def test_record_of_the_least_that_is_known_is_empty():
    record = Broken("slug", "message").record()

    assert [record.pop("place"), record.pop("conf")] == [None, None]
    assert set(record.values()) == {"slug", "message", ""}
