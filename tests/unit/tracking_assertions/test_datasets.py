"""The datasets that a run has as inputs."""

import json

import pytest

from dagproof.model import UsageError

SCHEMA = json.dumps({"mlflow_colspec": [{"type": "double", "name": "hour", "required": True}]})

OTHER_CONTEXT_AND_DIGEST = """\
  dataset green
    - context: evaluation
    + context: training
    - digest: d9
    + digest: d1"""


@pytest.fixture
def run(client, dataset):
    datasets = [dataset(schema=SCHEMA), dataset("yellow", "d2", "")]
    return client.add(datasets=datasets)


@pytest.mark.parametrize(
    "expected",
    [
        "green",
        ["green", "yellow"],
        {"name": "green", "digest": "d1", "context": "training"},
        {"name": "green", "digest": ..., "schema": ["hour"]},
        {"name": "green", "schema": {"hour": "double"}},
        [{"name": "yellow", "context": ""}],
    ],
)
def test_dataset_is_as_expected(run, said, expected):
    assert said(dataset=expected) == ""


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("greens", "  datasets\n    - greens\n    + green, yellow   (did you mean `green`?)"),
        ("trips", "  datasets\n    - trips\n    + green, yellow"),
        (
            {"name": "green", "digest": "d9", "context": "evaluation"},
            OTHER_CONTEXT_AND_DIGEST,
        ),
        (
            {"name": "green", "schema": {"hour": "long"}},
            "  schema of dataset green\n    - hour: long\n    + hour: double",
        ),
    ],
)
def test_dataset_is_otherwise(run, said, expected, told):
    assert said(dataset=expected) == told


def test_exact_minds_other_datasets(run, said):
    assert said(dataset="green", exact=True) == "  datasets\n    + yellow   (not expected)"
    assert said(dataset=["green", "yellow"], exact=True) == ""


def test_of_two_of_one_name_the_nearer_is_compared(client, dataset, said):
    client.add(datasets=[dataset(digest="d1"), dataset(digest="d2", context="evaluation")])

    assert said(dataset={"name": "green", "digest": "d2"}) == ""
    assert said(dataset={"name": "green", "digest": "d3", "context": "evaluation"}) == (
        "  dataset green\n    - digest: d3\n    + digest: d2"
    )


def test_run_without_any_dataset(client, said):
    client.add()
    assert said(dataset="green") == "  datasets\n    - green\n    + none"
    assert said(dataset=[], exact=True) == ""


def test_run_of_a_server_that_knows_no_inputs(client, said):
    client.add().inputs = None
    assert said(dataset="green") == "  datasets\n    - green\n    + none"


@pytest.mark.parametrize(
    ("spec", "given"),
    [
        ({"name": "green", "rows": 3}, "`name`, `rows`"),
        ({"digest": "d"}, "`digest`"),
        ({}, "nothing"),
    ],
)
def test_a_wrong_question_is_refused(run, said, spec, given):
    with pytest.raises(
        UsageError, match=f"any of `digest`, `context` and `schema`, not by {given}"
    ):
        said(dataset=spec)
