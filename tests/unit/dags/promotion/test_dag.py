"""The DAG is wired as the steps need it, and every conf reaches them as it was accepted."""

import pytest
from fixtures.iris_family import GOOD, NAME, measured, stored
from fixtures.rendered_calls import call_of
from hypothesis import given, settings
from hypothesis import strategies as st

from dagproof.testing import (
    RefusedConfError,
    accepted_params,
    conf_strategy,
    xcom_round_trip,
)
from promotion import aliases

DAG = "model_promotion_pipeline"
XCOMS = {
    "choose_candidate": {"base": "file:///run", "alias": "production"},
    "check_candidate": {"accuracy": 1.0},
}


@pytest.fixture(scope="module")
def dag():
    from promotion.dag import model_promotion_pipeline

    return model_promotion_pipeline()


def arguments(task_id, step, conf):
    return call_of(step, DAG, task_id, conf, XCOMS)


def test_runs_follow_each_other(dag):
    assert dag.schedule is None
    assert dag.max_active_runs == 1, "two promotions at once"


def test_nothing_moves_before_the_checks(dag):
    assert [task.task_id for task in dag.topological_sort()] == [
        "choose_candidate",
        "check_candidate",
        "move_alias",
        "send_notification",
    ]


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_every_conf_reaches_the_steps_as_it_was_accepted(data):
    conf = data.draw(conf_strategy(DAG))
    params = accepted_params(DAG, conf)
    chosen = arguments("choose_candidate", "promotion.aliases.choose", conf)
    assert chosen.args[1:] == (params["source_alias"], params["target_alias"])
    assert chosen.kwargs == {"rollback": params["rollback"]}
    checked = arguments("check_candidate", "promotion.aliases.check", conf)
    numbers = tuple(params[name] for name in ("table", "min_accuracy", "max_loss"))
    assert checked.args == (XCOMS["choose_candidate"], *numbers)
    moved = arguments("move_alias", "promotion.aliases.move", conf)
    assert moved.args == (XCOMS["choose_candidate"], XCOMS["check_candidate"])


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("source_alias", ""),
        ("source_alias", "2"),
        ("target_alias", "a/b"),
        ("rollback", "yes"),
        ("rollback", 1),
        ("table", "/etc/passwd"),
        ("min_accuracy", 1.01),
        ("min_accuracy", "0.9"),
        ("max_loss", -0.1),
    ],
)
def test_conf_that_no_step_could_use_is_refused_by_its_param(param, value):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {param: value})
    assert refused.value.param == param


def test_what_the_tasks_return_comes_back_from_xcom_and_is_small(family, tmp_path):
    family.set_registered_model_alias(NAME, "staging", GOOD)
    decision = aliases.choose("r", "staging", "production", rollback=False)
    checked = aliases.check(decision, stored(measured(seed=1), tmp_path), 0.85, 0)
    for result in (decision, checked, aliases.move(decision, checked)):
        trip = xcom_round_trip(result)
        assert trip.losses == ()
        assert trip.stored < 4096
