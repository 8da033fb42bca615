"""The same seed takes `ml_pipeline_branching` the same way; the join needs work that was done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branching import steps
from dagproof.testing import RefusedConfError, accepted_params, render_task
from mlops import notifier

DAG = "ml_pipeline_branching"


def seed_of(conf):
    return render_task(DAG, "check_data_quality", conf)["op_args"][0]


@pytest.mark.parametrize(
    ("score", "way"),
    [
        (1.0, "high_quality_pipeline"),
        (0.8001, "high_quality_pipeline"),
        (0.8, "medium_quality_pipeline"),
        (0.5001, "medium_quality_pipeline"),
        (0.5, "data_quality_alert"),
        (0.0, "data_quality_alert"),
    ],
)
def test_score_decides_the_way_and_limits_belong_below(score, way):
    assert steps.way_of(score) == way


def test_equal_seeds_give_equal_scores_in_every_process():
    assert steps.quality_score("3") == 0.8677521680526462
    assert steps.quality_score("2") == 0.5558450440322502
    assert steps.quality_score("0") == 0.3616904771377427


@given(st.text())
def test_every_seed_gives_a_score_between_0_and_1(seed):
    assert 0 <= steps.quality_score(seed) < 1


def test_seed_is_that_of_the_conf_else_the_run():
    assert seed_of({"seed": 3}) == "3"
    assert seed_of({"seed": 0}) == "0"
    assert seed_of({"seed": 7.0}) == "7"
    run = "manual__2024-02-29T06:30:00+00:00"
    assert seed_of({}) == seed_of({"seed": None}) == run


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, "3", True])
def test_conf_that_is_no_seed_is_refused(seed):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {"seed": seed})
    assert refused.value.param == "seed"


def test_join_waits_for_one_branch_that_has_done_the_work():
    dag = render_task(DAG, "final_step").task.dag
    final = dag.task_dict["final_step"]
    assert final.trigger_rule == "none_failed_min_one_success"
    assert final.upstream_task_ids == {"high_quality_pipeline", "medium_quality_pipeline"}
    ways = dag.task_dict["check_data_quality"].downstream_task_ids
    assert ways == {steps.way_of(score) for score in (0.9, 0.7, 0.1)}


def test_alert_is_logged_and_posted(monkeypatch, caplog):
    posted = []
    monkeypatch.setattr(notifier, "post", posted.append)
    said = steps.alert(0.25)
    assert posted == [said] == [{"state": "alert", "quality_score": 0.25, "needed": 0.5}]
    assert "Data quality 0.25 is not above 0.50" in caplog.text


def test_processing_says_which_features_it_made():
    made = steps.process("medium_quality_pipeline", "simplified", 0.7)
    assert made == {
        "way": "medium_quality_pipeline",
        "features": "simplified",
        "quality_score": 0.7,
    }
