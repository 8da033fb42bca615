"""What Airflow makes of what holds for a whole DAG."""

import pytest

from dagproof.model import Severity

ERROR, WARNING, NOTE = Severity
DAILY = {"schedule": "@daily"}
CATCHING = {"schedule": "@daily", "catchup": "True", "start_date": "2024-01-01"}


@pytest.mark.parametrize(
    ("before", "after", "severity", "words"),
    [
        ({}, DAILY, WARNING, "begin by themselves as soon as"),
        ({"catchup": "True", "start_date": "2024-01-01"}, CATCHING, ERROR, "since 2024-01-01"),
        (DAILY, {}, WARNING, "no longer runs by itself"),
        (DAILY, {"schedule": "@hourly"}, WARNING, "leave a gap"),
        ({"schedule": "0 1 * * *"}, {"schedule": "every 1d"}, WARNING, "leave a gap"),
        (DAILY, {"schedule": "s3://x & s3://y"}, WARNING, "have no logical date"),
        ({"schedule": "0 1 * * *"}, {"schedule": "s3://x"}, WARNING, "have no logical date"),
        ({"schedule": "s3://x"}, {"schedule": "s3://y"}, WARNING, "other moments"),
        ({"schedule": "s3://x"}, DAILY, WARNING, "other moments"),
        ({**DAILY, "timezone": "Europe/Berlin"}, DAILY, WARNING, "difference of the time zones"),
        ({"timezone": "Europe/Berlin"}, {}, NOTE, ""),
        ({"start_date": "2024"}, {"start_date": "2025"}, WARNING, "do not start any more"),
        ({"start_date": "2025"}, {"start_date": "2024"}, NOTE, ""),
        (CATCHING, {**CATCHING, "start_date": "2023-01-01"}, WARNING, "no scheduled run yet"),
        ({**DAILY, "start_date": "2025"}, {**DAILY, "start_date": "2024"}, NOTE, ""),
        (DAILY, {**DAILY, "start_date": "2024"}, NOTE, "have no runs"),
        ({"start_date": "2024"}, {}, NOTE, ""),
        ({}, {"end_date": "2024"}, WARNING, "No run is made after it"),
        ({"end_date": "2025"}, {"end_date": "2024"}, WARNING, "No run is made after it"),
        ({"end_date": "2024"}, {"end_date": "2025"}, NOTE, ""),
        ({"end_date": "2024"}, {}, NOTE, ""),
        (DAILY, {**DAILY, "catchup": "True"}, ERROR, "since its start where there is none"),
        ({**DAILY, "catchup": "True"}, DAILY, WARNING, "left out for good"),
        ({}, {"catchup": "True"}, NOTE, ""),
        ({"max_active_runs": "1"}, {}, WARNING, "Runs can overlap"),
        ({"max_active_runs": "2"}, {}, NOTE, ""),
        ({}, {"max_active_runs": "1"}, NOTE, ""),
        ({}, {"max_consecutive_failed_dag_runs": "3"}, WARNING, "after 3 failed runs in a row"),
        ({"max_consecutive_failed_dag_runs": "3"}, {}, NOTE, ""),
        ({"dagrun_timeout": "1h"}, {}, WARNING, "hangs is never ended"),
        ({}, {"dagrun_timeout": "1h"}, WARNING, "what is left of them is skipped"),
        ({"dagrun_timeout": "1d"}, {"dagrun_timeout": "23h"}, WARNING, "take longer fail"),
        ({"dagrun_timeout": "1h"}, {"dagrun_timeout": "2h"}, NOTE, ""),
        ({}, {"render_template_as_native_obj": "True"}, WARNING, "becomes a number"),
        ({"render_template_as_native_obj": "True"}, {}, WARNING, "text in place of numbers"),
        ({}, {"fail_fast": "True"}, WARNING, "ends the others of its run"),
        ({"fail_fast": "True"}, {}, NOTE, ""),
        ({}, {"is_paused_upon_creation": "True"}, NOTE, "changes nothing where it is known"),
        ({}, {"access_control": "{}"}, WARNING, "Other people"),
        ({"on_failure_callback": "set"}, {}, WARNING, "Nobody is told"),
        ({}, {"on_failure_callback": "set"}, NOTE, ""),
        ({}, {"allowed_run_types": '["manual"]'}, WARNING, "other kinds are refused"),
        ({"tags": "a"}, {"tags": "b"}, NOTE, ""),
        ({"doc_md": "a"}, {"doc_md": "b"}, NOTE, ""),
        ({"description": "a"}, {}, NOTE, ""),
    ],
)
def test_field_does_the_harm_that_airflow_makes_of_it(dag, changes, before, after, severity, words):
    [change] = changes(dag("x", **before), dag("x", **after)).values()

    assert change.severity is severity
    assert words in change.harm
    assert bool(words) == bool(change.harm)


def test_runs_that_wait_for_each_other_do_not_overlap(dag, task, changes):
    waiting = task("a", depends_on_past="True")

    change = changes(dag("x", waiting, max_active_runs="1"), dag("x", waiting))["max_active_runs"]

    assert change.severity is NOTE
    assert "still wait for the run before" in change.harm
