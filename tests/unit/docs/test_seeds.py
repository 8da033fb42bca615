"""What docs/seeds.md names is there."""

import re

import pytest
from unit.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d{3}", line)
]
PATH = re.compile(r"`((?:dags|deploy|docs|environments|observability|plugins|src|tests)\b[^` ]*)`")
ASKED_FOR = [
    "test_dag", "mlops_taxi_dag", "simple_test_dag", "orchestrated-duration-prediction-dag",
    "homework3-dag", "simple_mlflow_example", "ml_training_pipeline", "hello_world",
    "ml_pipeline_branching", "etl_feature_engineering", "model_monitoring_pipeline",
    "batch_prediction_pipeline",
]  # fmt: skip
"""Ids of DAGs in the five documents."""


def test_every_seed_has_rows():
    assert {seed for row in ROWS for seed in row[0].split(", ")} == {
        "000", "001", "002", "003", "004",
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted(set(PATH.findall(PAGE))))
def test_what_a_row_names_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("dag", ASKED_FOR)
def test_dag_of_a_seed_has_a_row_and_a_file(dag):
    rows = [row for row in ROWS if f"`{dag}`" in row[1]]
    assert rows
    for row in rows:
        (folder,) = PATH.findall(row[2])
        assert f'"{dag}"' in (ROOT / folder / "dag.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_every_row_names_a_proof(row):
    proof = row[-1] if len(row) == 3 else row[3]
    assert PATH.search(proof) or re.search(r"\(rules/[a-z-]+\.md\)", proof), row
