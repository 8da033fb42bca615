"""The DAG is wired as the steps need it, and every conf reaches them as it was accepted."""

import pytest
from fixtures.iris_family import measured, stored
from fixtures.rendered_calls import call_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_test import comparison
from dagproof.testing import (
    RefusedConfError,
    accepted_params,
    conf_strategy,
    xcom_round_trip,
)

DAG = "ab_test_pipeline"
XCOMS = {
    "collect_models": {"base": "file:///run", "table": "file:///run/raw.parquet", "rows": 3},
    "compare_models": {"verdict": "challenger", "challenger": "2"},
}


@pytest.fixture(scope="module")
def dag():
    from ab_test.dag import ab_test_pipeline

    return ab_test_pipeline()


def arguments(task_id, step, conf):
    return call_of(step, DAG, task_id, conf, XCOMS)


def test_runs_follow_each_other(dag):
    assert dag.schedule is None
    assert dag.max_active_runs == 1


def test_people_are_told_whether_or_not_the_challenger_is_nominated(dag):
    assert dag.get_task("send_notification").upstream_task_ids == {"compare_models"}
    assert dag.get_task("nominate_winner").upstream_task_ids == {"compare_models"}


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_reaches_the_steps_as_it_was_accepted(data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    collected = arguments("collect_models", "ab_test.comparison.collect", conf)
    names = ("table", "champion", "challenger")
    assert collected.args[1:] == tuple(params[name] for name in names)
    compared = arguments("compare_models", "ab_test.comparison.compare", conf)
    assert compared.args == (XCOMS["collect_models"], params["alpha"], params["min_rows"])
    nominated = arguments("nominate_winner", "ab_test.comparison.nominate", conf)
    assert nominated.args == (XCOMS["compare_models"], params["nominee_alias"])


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("table", "/etc/passwd"),
        ("champion", ""),
        ("champion", "0"),
        ("challenger", "01"),
        ("challenger", "a b"),
        ("alpha", 0),
        ("alpha", 0.6),
        ("alpha", "0.05"),
        ("min_rows", 0),
        ("min_rows", 1.5),
        ("nominee_alias", "3"),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(family, tmp_path):
    collected = comparison.collect("r", stored(measured(seed=1), tmp_path), "1", "2")
    compared = comparison.compare(collected, 0.05, 100)
    told = comparison.notify(compared)
    for result in (collected, compared, comparison.nominate(compared, "staging"), told):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 4096
