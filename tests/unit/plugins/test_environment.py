"""Environments resolve as their files say, and complain in one sentence."""

import pytest

from mlops import environment
from mlops.environment import EnvironmentFileError

WHOLE = """
domains: {mlflow: mlflow.example.com}
data_root: here/data
team: ml
tracking: optional
pools: [small]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "environments"
    made.mkdir()
    (made / "dev.yaml").write_text(WHOLE)
    monkeypatch.setenv("ENVIRONMENTS_DIR", str(made))
    return made


def test_the_files_of_this_repository_load():
    assert environment.load("dev").team == environment.load("prod").team == "ml-platform"


def test_dev_is_the_default(folder):
    assert environment.load().name == "dev"


def test_env_chooses(folder, monkeypatch):
    (folder / "test.yaml").write_text(WHOLE.replace("ml\n", "other\n"))
    monkeypatch.setenv("ENV", "test")
    assert environment.load().team == "other"


def test_lists_that_are_absent_are_empty(folder):
    assert environment.load().pools == ("small",)
    assert environment.load().variables == ()


def test_optional_tracking_is_not_required(folder):
    assert not environment.load().tracking_required


def test_relative_data_root_counts_from_the_folder_above(folder, monkeypatch):
    monkeypatch.delenv("DATA_ROOT")
    assert environment.data_root() == f"file://{folder.parent}/here/data"


def test_data_root_loses_its_last_slash(monkeypatch):
    monkeypatch.setenv("DATA_ROOT", "s3://bucket/x/")
    assert environment.data_root() == "s3://bucket/x"


def test_domain_of_mlflow_becomes_https(folder):
    assert environment.mlflow_tracking_uri() == "https://mlflow.example.com"


def test_domain_may_bring_its_own_scheme(folder):
    (folder / "dev.yaml").write_text(WHOLE.replace("mlflow.example.com", '"http://here:5000"'))
    assert environment.mlflow_tracking_uri() == "http://here:5000"


def test_variable_of_the_process_wins_over_the_file(folder, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://there:1")
    assert environment.mlflow_tracking_uri() == "http://there:1"


def test_unknown_environment_lists_the_known(folder):
    with pytest.raises(EnvironmentFileError, match=r"`staging`.*set ENV to one of: dev\.$"):
        environment.load("staging")


def test_name_cannot_lead_out_of_the_folder(folder):
    (folder.parent / "secret.yaml").write_text(WHOLE)
    with pytest.raises(EnvironmentFileError, match="No environment"):
        environment.load("../secret")


def test_folder_that_is_none_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("ENVIRONMENTS_DIR", str(tmp_path / "no"))
    with pytest.raises(EnvironmentFileError, match="ENVIRONMENTS_DIR names"):
        environment.load()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "cannot be read as YAML"),
        ("- a", "is no mapping"),
        (WHOLE.replace("team: ml", ""), "`team` in .* is missing"),
        (WHOLE.replace("team: ml", "team: 3"), "`team` in .* is 3, which is no text"),
        (WHOLE.replace("optional", "perhaps"), "`tracking` in .* is `perhaps`"),
        (WHOLE.replace("{mlflow: mlflow.example.com}", "[mlflow]"), "`domains` in .* is no map"),
        (WHOLE.replace("[small]", "small"), "`pools` in .* is no list"),
    ],
)
def test_broken_file_is_one_sentence(folder, text, complaint):
    (folder / "dev.yaml").write_text(text)
    with pytest.raises(EnvironmentFileError, match=complaint) as caught:
        environment.load()
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_missing_mlflow_names_file_and_variable(folder):
    (folder / "dev.yaml").write_text(WHOLE.replace("mlflow:", "other:"))
    with pytest.raises(EnvironmentFileError, match=r"dev\.yaml.*MLFLOW_TRACKING_URI"):
        environment.mlflow_tracking_uri()
