"""The model of a run: logged, registered, named by an alias, with its signature."""

import pytest

from dagproof.model import UsageError


@pytest.fixture(autouse=True)
def run(client):
    return client.add()


def test_nothing_is_asked_where_nothing_is_expected(client, said):
    assert said(params={}) == ""
    assert client.questions == []


@pytest.mark.parametrize(
    "expected",
    [{}, {"version": 1}, {"version": "1"}, {"version": ...}, {"alias": "champion"}],
)
def test_version_of_the_run_is_found(client, said, expected):
    client.register(aliases=["champion"])
    assert said(model="taxi", **expected) == ""


def test_version_whose_logged_model_is_the_runs_is_the_runs(client, said):
    client.log_model()
    client.register(run_id="")
    assert said(model="taxi") == ""


def test_model_that_is_not_registered_has_a_near_one(client, said):
    client.register("taxi-green")
    assert said(model="taxi_greens") == (
        "  registered model\n    - taxi_greens\n    + taxi-green   (did you mean `taxi-green`?)"
    )
    assert said(model="iris") == "  registered model\n    - iris\n    + taxi-green"


def test_nothing_is_registered(said):
    assert said(model="taxi") == "  registered model\n    - taxi\n    + none"


def test_versions_of_other_runs_are_told(client, said):
    client.register(version=1, run_id="r0", source="s3://old", aliases=["champion"])
    client.register(version=2, run_id="", source="s3://older")
    assert said(model="taxi", alias="champion") == (
        "  registered model taxi\n"
        "    - version: of this run\n"
        "    + version: 1 of run r0, 2 of run unknown\n"
        "    - alias champion: the version of this run\n"
        "    + alias champion: version 1"
    )


def test_registered_model_without_any_version(client, said):
    client.aliases["taxi"] = {}
    assert said(model="taxi") == (
        "  registered model taxi\n    - version: of this run\n    + version: none"
    )


def test_another_version_is_told(client, said):
    client.register(version=2)
    client.register(version=10)
    assert said(model="taxi", version=3) == (
        "  registered model taxi\n    - version: 3\n    + version: 2, 10"
    )


def test_alias_must_point_at_the_version_that_is_named(client, said):
    client.register(version=1, aliases=["champion"])
    client.register(version=2)
    assert said(model="taxi", version=1, alias="champion") == ""
    assert said(model="taxi", alias="champion") == ""
    assert said(model="taxi", version=2, alias="champion") == (
        "  registered model taxi\n    - alias champion: version 2\n    + alias champion: version 1"
    )


def test_alias_that_is_not_there_has_a_near_one(client, said):
    client.register(version=1, aliases=["champion"])
    client.register(version=2)
    assert said(model="taxi", alias="champions") == (
        "  registered model taxi\n"
        "    - alias champions: version 1 or 2\n"
        "    + alias champions: no version   (did you mean `champion`?)"
    )
    assert said(model="taxi", alias="x") == (
        "  registered model taxi\n    - alias x: version 1 or 2\n    + alias x: no version"
    )


def test_name_with_a_quote_is_asked_for_in_other_quotes(client, said):
    client.register("o'hare")
    assert said(model="o'hare") == ""
    assert 'name = "o\'hare"' in client.questions


@pytest.mark.parametrize("more", [{"version": 1}, {"alias": "champion"}])
def test_version_and_alias_without_a_model_are_refused(said, more):
    with pytest.raises(UsageError, match="name it by `model=`"):
        said(**more)


def test_logged_model_is_found_by_name(client, said):
    client.log_model("m-1", "model")
    client.log_model("m-2", "twin")
    assert said(logged_model="twin") == ""
    assert said(logged_model=...) == ""
    assert said(logged_model="modle") == (
        "  logged model\n    - modle\n    + model, twin   (did you mean `model`?)"
    )
    assert said(logged_model="x") == "  logged model\n    - x\n    + model, twin"


def test_no_model_is_logged(said):
    assert said(logged_model=...) == "  logged model\n    - any\n    + none"
    assert said(inputs=True) == "  logged model\n    - any\n    + none"


def test_signature_is_that_of_the_only_model(client, said, signature):
    client.log_model()
    signature.inputs = [{"type": "long", "name": "hour"}]
    signature.outputs = [{"type": "double"}]
    assert said(inputs=["hour"], outputs="double") == ""
    assert said(inputs=["zone"], outputs="long") == (
        "  inputs of the model\n    - zone\n    + hour\n"
        "  outputs of the model\n    - 0: long\n    + 0: double"
    )


def test_model_without_a_signature(client, said, signature):
    client.log_model()
    assert said(inputs=True, outputs=True) == (
        "  inputs of the model\n    - columns\n    + none\n"
        "  outputs of the model\n    - columns\n    + none"
    )


def test_of_several_logged_models_one_must_be_named(client, said, signature):
    client.log_model("m-1", "model")
    client.log_model("m-2", "twin")
    signature.inputs = [{"type": "long", "name": "hour"}]
    assert said(inputs=["hour"]) == (
        "  logged model\n    - one\n    + several: model, twin   (say which by `logged_model=`)"
    )
    assert said(inputs=["hour"], logged_model="twin") == ""
    assert signature.asked == ["s3://artifacts/m-2"]


def test_of_a_model_that_was_logged_twice_the_newest_is_looked_at(client, said, signature):
    client.log_model("m-2", created=2)
    client.log_model("m-1", created=1)
    signature.inputs = [{"type": "long", "name": "hour"}]
    assert said(inputs=["hour"]) == ""
    assert signature.asked == ["s3://artifacts/m-2"]


def test_registered_version_says_which_model_is_looked_at(client, said, signature):
    client.log_model("m-1", "model")
    client.log_model("m-2", "twin")
    client.register(version=1, source="models:/m-1")
    client.register(version=2, source="models:/m-2")
    signature.inputs = [{"type": "long", "name": "hour"}]
    assert said(model="taxi", inputs=["hour"]) == ""
    assert said(model="taxi", version=1, inputs=["hour"]) == ""
    assert signature.asked == ["s3://artifacts/m-2", "s3://artifacts/m-1"]


def test_version_of_mlflow_2_is_looked_at_where_it_lies(client, said, signature):
    client.register(source="s3://artifacts/7/r1/artifacts/model")
    signature.inputs = [{"type": "long", "name": "hour"}]
    assert said(model="taxi", inputs=["hour"]) == ""
    assert signature.asked == ["s3://artifacts/7/r1/artifacts/model"]


def test_registered_model_that_is_another_than_the_named_one(client, said):
    client.log_model("m-1", "model")
    client.log_model("m-2", "twin")
    client.register(source="models:/m-1")
    assert said(model="taxi", logged_model="twin") == (
        "  logged model\n    - twin\n    + model, twin   (did you mean `twin`?)"
    )


def test_model_must_load_where_that_is_asked(client, said, signature):
    client.log_model()
    assert said(loads=True) == ""
    signature.trouble = "UntrustedTypesFoundException: Tree"
    assert said(inputs=None, loads=False, logged_model=...) == ""
    assert said(loads=True) == ("  model\n    - loads\n    + UntrustedTypesFoundException: Tree")
