"""What docs/seeds.md names is there."""

import re

import pytest
from unit.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
RULE = re.compile(r"\[(DP\d+)\]\(rules/([a-z-]+\.md)\)")


def rows_of(text):
    """Return the cells of each row that begins with seeds."""
    lines = [line for line in text.splitlines() if re.match(r"\| \d{3}", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


ROWS = rows_of(PAGE)
DAG_ROWS = rows_of(PAGE.partition("## DAGs")[2].partition("## Plugins")[0])
PATH = re.compile(r"`((?:dags|deploy|docs|environments|observability|plugins|src|tests)\b[^` ]*)`")
ASKED_FOR = [
    "test_dag", "mlops_taxi_dag", "simple_test_dag", "orchestrated-duration-prediction-dag",
    "homework3-dag", "simple_mlflow_example", "ml_training_pipeline", "hello_world",
    "ml_pipeline_branching", "etl_feature_engineering", "model_monitoring_pipeline",
    "batch_prediction_pipeline",
]  # fmt: skip
"""Ids of DAGs in the five documents."""
TASKS = {
    "test_dag": ["print_hello"],
    "taxi": ["train_and_log_model", "register_best_model"],
    "hello_world": ["say_hello", "print_current_date", "bash_task"],
    "branching": [
        "check_data_quality", "high_quality_pipeline", "medium_quality_pipeline",
        "data_quality_alert", "final_step",
    ],
    "iris": [
        "create_directories", "extract_data", "validate_data", "preprocess_data", "train_model",
        "evaluate_model", "deploy_model", "send_notification",
    ],
    "simple_mlflow_example": ["log_to_mlflow"],
    "etl_quality": ["transform_and_track"],
    "cleanup_old_runs": ["cleanup_old_runs"],
    "compare_experiments": ["compare_experiments"],
}  # fmt: skip
"""Names of tasks in the five documents, by the folder that has them."""
NAMED = [
    "airflow db init", "users create", "webserver", "scheduler", "AIRFLOW_HOME", "load_examples",
    "constraints", "LocalExecutor", "CeleryExecutor", "airflow dags trigger", "unpause",
    "airflow tasks test", "list-import-errors", "reserialize", "enable_xcom_pickling",
    "schedule_interval", "on_failure_callback", "nyc-taxi-experiment", "Redis", "volumes",
    "_resolve_mlflow_uri_from_env", "log_with_mlflow", "ExtractPayload", "validate_payload_schema",
    "apply_transform", "mlflow_enable", "null", "checksum", "duration_ms", "start_time",
    "importance of each feature", "airflow variables get", "max_calls", "Stats",
    "MLFLOW_ARTIFACT_UPLOAD_TIMEOUT", "pool of 40", "kubectl", "values.yaml", "PromQL",
    "alertrules.yaml", "trigger rule", "A/B testing", "dvc pull", "Connections", "email_on_failure",
    "providers-docker", "airflow.cfg", "mlflow_operator.py", "custom_sensors.py",
    "train_model.py", "evaluate_model.py", "deploy_model.py", "notebooks", "staging → production",
    "idempotence", "atomic", "versions of DAGs", "drift",
]  # fmt: skip
"""What else the five documents name."""


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


@pytest.mark.parametrize("folder", TASKS)
def test_tasks_of_a_seed_are_called_as_there(folder):
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "dags" / folder).glob("*.py")]
    for task in TASKS[folder]:
        assert any(re.search(rf"\b{task}\b", text) for text in texts), task


@pytest.mark.parametrize("name", NAMED)
def test_page_says_what_became_of_it(name):
    assert name in PAGE


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_every_row_names_a_proof_that_can_be_run(row):
    proof = row[-1] if len(row) == 3 else row[3]
    tests = PATH.findall(proof)
    assert tests or RULE.search(proof), row
    for path in tests:
        assert re.fullmatch(r"tests/(.+/)?test_\w+\.py", path), path
        assert "\ndef test_" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "page"), sorted(set(RULE.findall(PAGE))))
def test_rule_is_the_one_of_its_page(code, page):
    assert (ROOT / "docs/rules" / page).read_text(encoding="utf-8").startswith(f"# {code} ")


@pytest.mark.parametrize("row", DAG_ROWS, ids=" ".join)
def test_proof_of_a_dag_runs_that_dag(row):
    (folder,), (proof,) = PATH.findall(row[2]), PATH.findall(row[3])
    assert proof.startswith("tests/integration/pipelines/")
    definition = (ROOT / folder / "dag.py").read_text(encoding="utf-8")
    (dag_id,) = re.findall(r'(?<!_)dag_id="([\w-]+)"', definition)
    assert f'"{dag_id}"' in (ROOT / proof).read_text(encoding="utf-8")
