"""Objects are those of DAGs, or artifacts of MLflow's runs."""

from dagproof.model import LoggedRun
from dagproof.services.snapshots.artifacts import apart
from dagproof.services.snapshots.experiments import Logged
from dagproof.services.snapshots.objects import Listed

LOGGED = Logged(
    runs=(LoggedRun("r1", "e", "fit", "FINISHED"), LoggedRun("r2", "e", "fit", "FINISHED")),
    homes={
        "s3://a/1/r1/artifacts": ("r1", ""),
        "s3://a/1/r2/artifacts": ("r2", ""),
        "s3://a/1/models/m-1/artifacts": ("r1", "model/"),
        "s3://a/1/gone/artifacts": ("gone", ""),
    },
    roots=("s3://a/1/",),
)


def test_artifacts_go_to_their_runs_and_models_are_compared_by_name_alone():
    listed = [
        Listed("a", "1/r1/artifacts/plots/a.png", 1, "png"),
        Listed("a", "1/models/m-1/artifacts/MLmodel", 1, "random"),
        Listed("a", "1/models/m-1/artifacts/data/model.skops", 1, "random"),
        Listed("a", "1/r2/artifacts/b.txt", 1, "txt"),
        Listed("a", "1/gone/artifacts/c.txt", 1, "txt"),
        Listed("a", "1/models/m-2/artifacts/MLmodel", 1, "of nobody"),
        Listed("a", "2/mine", 1, "mine"),
        Listed("b", "1/r1/artifacts/mine", 1, "mine"),
    ]
    rest, (first, second) = apart(listed, LOGGED)
    assert [one.address for one in rest] == ["s3://a/2/mine", "s3://b/1/r1/artifacts/mine"]
    assert first.artifacts == {
        "plots/a.png": "png",
        "model/MLmodel": "",
        "model/data/model.skops": "",
    }
    assert second.artifacts == {"b.txt": "txt"}


def test_a_model_at_the_root_of_a_run_covers_all_of_it():
    listed = [
        Listed("a", "1/r1/artifacts/MLmodel", 1, "random"),
        Listed("a", "1/r1/artifacts/x", 1, "random"),
    ]
    _, (first, _) = apart(listed, LOGGED)
    assert first.artifacts == {"MLmodel": "", "x": ""}
