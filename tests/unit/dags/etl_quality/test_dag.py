"""`etl_quality_tracking` hands its Params on with their types."""

from unittest import mock

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task

DAG = "etl_quality_tracking"


def called(task_id, step, conf, **xcoms):
    task = render_task(DAG, task_id, conf, xcoms=xcoms)
    with mock.patch(step) as function:
        task.task.python_callable(*task["op_args"], **task["op_kwargs"])
    return function.call_args


@pytest.mark.parametrize(
    ("conf", "wanted"),
    [
        ({}, ("generated", 2000, 4, 42)),
        (
            {"source": "s3://b/o.csv", "rows": 1, "chunks": 1, "seed": 0},
            ("s3://b/o.csv", 1, 1, 0),
        ),
        ({"rows": 3.0}, ("generated", 3, 4, 42)),
    ],
)
def test_plan_gets_source_and_numbers(conf, wanted):
    given = called("plan_chunks", "etl_quality.extract.plan_chunks", conf).args
    assert given == ("manual__2024-02-29T06:30:00+00:00", *wanted)


@pytest.mark.parametrize(("conf", "gate"), [({}, 0.1), ({"max_null_rate": 0}, 0.0)])
def test_report_gets_all_chunks_and_the_gate(conf, gate):
    chunks = [{"chunk": 0}, {"chunk": 1}]
    given = called(
        "report_quality", "etl_quality.transform.report", conf, transform_and_track=chunks
    ).args
    assert given[2] == gate


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("source", "orders.csv"),
        ("source", "generated\n"),
        ("rows", 0),
        ("rows", "10"),
        ("chunks", 0),
        ("chunks", 101),
        ("seed", -1),
        ("mlflow_enable", "true"),
        ("mlflow_enable", 1),
        ("mlflow_enable", None),
        ("max_null_rate", 1.1),
    ],
)
def test_conf_that_makes_no_sense_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_tasks_have_owner_retries_and_a_failure_notifier():
    from etl_quality.dag import etl_quality_tracking

    dag = etl_quality_tracking()
    assert [task.task_id for task in dag.topological_sort()] == [
        "plan_chunks",
        "transform_and_track",
        "report_quality",
    ]
    for task in dag.tasks:
        assert (task.owner, task.retries) == ("data-engineering", 2)
        assert task.on_failure_callback
