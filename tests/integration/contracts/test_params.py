"""Params of real DAGs: what Airflow says to a conf, and what does not hold of them."""

import datetime as dt
import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import airflow.example_dags
import pytest
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.serialization import serialized_objects
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from hypothesis import HealthCheck, given, settings

from dagproof.airflow_compat.execution import check_conf
from dagproof.airflow_compat.params import (
    NO_DEFAULT,
    DeclaredParam,
    Refusal,
    accepted,
    declared_params,
    task_params,
)
from dagproof.contracts.broken import UNPROVED
from dagproof.contracts.confs import conf_strategy
from dagproof.contracts.params_hold import broken_params, cases
from dagproof.model import UsageError
from dagproof.rules import dp301_rejected_default, dp311_unusable_param_schema, dp312_refused_conf

AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))
NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
LOOP = {"properties": {"a": {"$ref": "#"}}}
TREE = {"type": "object", "properties": {"child": {"$ref": "#"}}, "additionalProperties": False}


class SubclassedParam(Param):
    """A Param of a class of the repository's own."""


def dag_of(**params):
    return DAG("params", schedule=None, params=params)


def dag_in(source):
    entered = []
    enter = DAG.__enter__

    def remember(dag):
        entered.append(dag)
        return enter(dag)

    with mock.patch.object(DAG, "__enter__", remember):
        exec(source, {"__name__": "written", "__file__": "written.py"})  # noqa: S102 - our own words
    (dag,) = entered
    return dag


def found(dag):
    return [(one.offence, one.field, one.message) for one in broken_params(dag)]


def run_is_created(dag, conf):
    """Return None where `create_dagrun` comes to create a run, else what it raises."""
    kind = getattr(serialized_objects, "DagSerialization", serialized_objects.SerializedDAG)
    served = kind.from_dict(json.loads(json.dumps(kind.to_dict(dag))))
    module = sys.modules[type(served).create_dagrun.__module__]
    with mock.patch.object(module, "_create_orm_dagrun") as create:
        try:
            served.create_dagrun(
                run_id="manual__1",
                logical_date=NOON,
                data_interval=(NOON, NOON),
                run_after=NOON,
                conf=conf,
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state="queued",
                session=mock.MagicMock(),
            )
        except Exception as error:  # noqa: BLE001 - each version has its own
            if create.called:
                return None
            return error
    assert create.called
    return None


RICH = {
    "month": Param(6, type="integer", minimum=1, maximum=12, description="of the year"),
    "share": Param(0.5, type="number", exclusiveMinimum=0, maximum=1),
    "name": Param("a", type="string", minLength=1, maxLength=5),
    "maybe": Param(None, type=["null", "string"]),
    "day": Param("2024-01-01", type="string", format="date"),
    "moment": Param("2024-01-01T00:00:00+00:00", type="string", format="date-time"),
    "time": Param("12:13:14", type="string", format="time"),
    "kind": Param("a", enum=["a", "b", 3, None], values_display={"a": "The first"}),
    "fixed": Param(42, const=42),
    "many": Param([1], type="array", items={"type": "integer"}, maxItems=3),
    "rows": Param([{"a": 1}], type="array", items={"type": "object"}),
    "table": Param({"a": {"b": [1]}}, type=["object", "null"]),
    "texts": Param(["a"], type="array", examples=["a", "b"], items={"type": "string"}),
    "tree": Param({}, schema=TREE),
    "day_of": Param(3, schema={"$defs": {"d": {"type": "integer"}}, "$ref": "#/$defs/d"}),
    "plain": 5,
    "needed": Param(type="integer", section="Required"),
}


def test_params_are_declared_as_airflow_validates_them():
    assert declared_params(
        dag_of(a=Param(6, type="integer", description="of the year"), b=7, c=Param(type="string"))
    ) == [
        DeclaredParam("a", {"type": "integer"}, 6, "of the year"),
        DeclaredParam("b", {}, 7),
        DeclaredParam("c", {"type": "string"}, NO_DEFAULT),
    ]


def test_default_of_none_is_a_default():
    (param,) = declared_params(dag_of(a=Param(None, type=["null", "string"])))
    assert param.default is None
    assert not param.required


def test_default_given_to_a_dag_param_is_its_default():
    with DAG("params", schedule=None) as dag:
        dag.param("month", 6)
    assert declared_params(dag) == [DeclaredParam("month", {}, 6)]


def test_params_of_default_args_belong_to_the_dag():
    dag = DAG("params", schedule=None, default_args={"params": {"a": Param(1, type="integer")}})
    assert [one.name for one in declared_params(dag)] == ["a"]


def test_answer_to_every_case_is_that_of_create_dagrun():
    dag = dag_of(**RICH)
    tried = list(cases(declared_params(dag), 40))
    for case in tried:
        answer, raised = accepted(dag, case.conf), run_is_created(dag, case.conf)
        if isinstance(answer, Refusal):
            assert (type(answer.error), str(answer.error)) == (type(raised), str(raised))
        else:
            assert raised is None
            assert {**answer, **case.conf} == answer
            assert answer["plain"] == case.conf.get("plain", 5)
        assert isinstance(answer, Refusal) is not case.allowed, case
    assert sum(case.allowed for case in tried) > 60
    assert sum(not case.allowed for case in tried) > 60


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(conf_strategy(declared_params(dag_of(**RICH))))
def test_airflow_accepts_every_generated_conf(conf):
    assert not isinstance(accepted(dag_of(**RICH), conf), Refusal)


def test_rich_schemas_of_every_type_hold():
    assert found(dag_of(**RICH)) == []


def test_refusal_names_the_param_and_says_why():
    answer = accepted(dag_of(month=Param(6, type="integer")), {"month": "7"})
    assert isinstance(answer, Refusal)
    assert (answer.param, answer.named) == ("month", True)
    assert answer.reason == "'7' is not of type 'integer'"


@pytest.mark.parametrize("name", ["", "a: b", "a", "a\nb", "`x`", "größe"])
def test_refusal_names_params_of_any_name(name):
    dag = dag_of(**{"a": 1, name: Param(6, type="integer"), "other": 1})
    answer = accepted(dag, {name: "7"})
    assert isinstance(answer, Refusal)
    assert (answer.param, answer.named) == (name, True)
    assert found(dag) == []


def test_missing_value_of_a_required_param_is_refused_by_name():
    answer = accepted(dag_of(month=Param(type="integer")), {})
    assert isinstance(answer, Refusal)
    assert answer.param == "month"


def test_unknown_keys_become_params():
    assert accepted(dag_of(month=6), {"other": [1]}) == {"month": 6, "other": [1]}


def test_conf_does_not_reach_params_where_it_is_configured_not_to(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
    dag = dag_of(month=Param(6, type="integer"))
    assert accepted(dag, {"month": 7, "other": 1}) == {"month": 6}
    assert isinstance(accepted(dag, {"month": "7"}), Refusal)


def test_answers_leave_the_dag_as_it_was():
    dag = dag_of(rows=Param([{"a": 1}], type="array"))
    answer = accepted(dag, {})
    assert not isinstance(answer, Refusal)
    answer["rows"].append("changed")
    assert accepted(dag, {"rows": []}) == {"rows": []}
    assert accepted(dag, {}) == {"rows": [{"a": 1}]}
    assert type(dag.params.get_param("rows").schema) is dict


def test_runner_refuses_a_conf_in_one_sentence():
    dag = dag_of(month=Param(6, type="integer"))
    check_conf(dag, {"month": 7, "other": 1})
    with pytest.raises(UsageError) as refused:
        check_conf(dag, {"month": "7"})
    sentence = "Invalid input for param month: '7' is not of type 'integer'."
    assert str(refused.value) == f"DAG `params` refuses this conf: {sentence}"


@pytest.mark.parametrize(
    ("param", "reason"),
    [
        (Param("6", type="integer"), "'6' is not of type 'integer'"),
        (Param(None, type="string"), "None is not of type 'string'"),
        (Param("12:13", type="string", format="time"), "'12:13' is not a 'time'"),
        (Param("c", enum=["a", "b"]), "'c' is not one of ['a', 'b']"),
        (Param("a", const="b"), "'b' was expected"),
        (Param([1, "a"], items={"type": "integer"}), "`1`: 'a' is not of type 'integer'"),
    ],
    ids=lambda one: str(getattr(one, "value", one)),
)
def test_rejected_default_is_told_with_its_param_and_the_reason(param, reason):
    message = f"The default of the Param `n` breaks its own schema: {reason}"
    assert found(dag_of(n=param, other=Param(1, type="integer"))) == [
        ("rejected-default", "n", message)
    ]


@pytest.mark.parametrize(
    ("param", "reason"),
    [
        (Param(5, type="intger"), "is not a JSON schema: `type`: 'intger' is not valid"),
        (Param("a", enum=("a", "b")), "is not a JSON schema: `enum`: ('a', 'b') is not of type"),
        (Param("a", enum={"a"}), "is not a JSON schema: `enum`: {'a'} is not of type 'array'"),
        (Param(5, type=int), "is not a JSON schema: `type`: "),
        (Param("a", pattern="("), "is not a JSON schema: `pattern`: '(' is not a 'regex'"),
        (Param(5, schema={"type": "integer", "minimum": "1"}), "is not a JSON schema: `minimum`"),
        (Param(5, type="integer", minimum=9, maximum=3), "allows nothing"),
        (Param(5, type="integer", enum=["a"]), "allows nothing"),
        (Param(5, schema={"$ref": "#"}), "refers to itself without end"),
        (Param(5, schema={"$ref": "#/$defs/x"}), "cannot be resolved: '/$defs/x' does not exist"),
        (Param(5, schema={"$ref": "http://x.test/a"}), "refers to `http://x.test/a`, which is"),
        (Param({}, schema={"type": "object", "required": ["a"], **LOOP}), "allows nothing"),
    ],
    ids=lambda one: str(getattr(one, "schema", one)),
)
def test_unusable_schema_is_told_once_and_the_rest_goes_on(param, reason):
    dag = dag_of(n=param, other=Param("1", type="integer"))
    (offence, name, message), other = found(dag)
    assert (offence, name) == ("unusable-param-schema", "n")
    assert message.startswith(f"The schema of the Param `n` {reason}")
    assert "\n" not in message
    assert other[:2] == ("rejected-default", "other")


def test_airflow_refuses_every_conf_of_an_unusable_schema():
    dag = dag_of(n=Param("a", enum=("a", "b")))
    for conf in ({}, {"n": "a"}, {"n": "b"}):
        assert isinstance(accepted(dag, conf), Refusal)
        assert run_is_created(dag, conf) is not None


def test_schema_that_only_huge_values_satisfy_is_unproved():
    (told,) = found(dag_of(n=Param("x" * 200_000, type="string", minLength=200_000)))
    assert told[:2] == (UNPROVED, "n")
    assert "what it allows is too large or too rare" in told[2]


def test_slow_pattern_is_unproved_and_does_not_hang():
    (told,) = found(dag_of(n=Param("a" * 50 + "!", type="string", pattern="^(a+)+$")))
    assert told[:2] == (UNPROVED, "n")
    assert "is not validated within 2 CPU seconds" in told[2]


def test_recursive_schema_that_ends_is_tried_like_any_other():
    dag = dag_of(n=Param({}, schema=TREE))
    assert found(dag) == []
    deepest = max(len(str(case.conf)) for case in cases(declared_params(dag), 30) if case.allowed)
    assert deepest > len("{'n': {'child': {}}}")


def test_param_of_another_class_cannot_be_serialized():
    ((offence, _, message),) = found(dag_of(n=SubclassedParam(5, type="integer")))
    assert offence == "unusable-param-schema"
    assert message.startswith("Airflow cannot serialize the Param `n`: it is a `SubclassedParam`")


@pytest.mark.parametrize("key", ["default", "description"])
def test_key_of_a_schema_that_is_an_argument_of_param_breaks_the_dag_from_3_2_on(key):
    dag = dag_of(n=Param(5, schema={"type": "integer", key: "5"}))
    if AIRFLOW < (3, 2):
        assert found(dag) == []
        return
    ((offence, _, message),) = found(dag)
    assert offence == "unusable-param-schema"
    assert message.endswith(f"its schema has the key `{key}`, which is also an argument of `Param`")
    with pytest.raises(Exception, match=r"multiple values|trying to deserialize"):
        run_is_created(dag, {})


def test_param_of_a_task_is_validated_when_it_is_too_late():
    with dag_of(month=Param(6, type="integer")) as dag:
        BashOperator(task_id="t", bash_command="date", params={"n": Param(1, type="integer")})
    (told,) = broken_params(dag)
    assert (told.offence, told.task_id, told.field, told.text) == ("refused-conf", "t", "n", "n")
    assert told.conf == {"n": None}
    assert run_is_created(dag, {"n": None}) is None
    params = ParamsDict({**dict(dag.params.items()), **dict(dag.task_dict["t"].params.items())})
    with pytest.raises(Exception, match="Invalid input for param n"):
        params.update(told.conf)


def test_default_of_a_param_of_a_task_is_looked_at_too():
    with dag_of() as dag:
        BashOperator(task_id="t", bash_command="date", params={"n": Param("1", type="integer")})
    (told,) = broken_params(dag)
    assert (told.offence, told.task_id, told.field) == ("rejected-default", "t", "n")


def test_params_that_a_task_has_of_its_dag_are_not_its_own():
    with dag_of(n=Param(1, type="integer")) as dag:
        BashOperator(task_id="t", bash_command="date")
        BashOperator(task_id="u", bash_command="date", params={"free": 1})
    assert [(task_id, one.name) for task_id, one in task_params(dag)] == [("u", "free")]
    assert found(dag) == []


def test_mapped_tasks_have_params_too():
    with dag_of() as dag:
        BashOperator.partial(task_id="t", params={"n": Param("1", type="integer")}).expand(
            bash_command=["date"]
        )
    assert [one.offence for one in broken_params(dag)] == ["rejected-default"]


@pytest.mark.parametrize("name", ["example_params_trigger_ui", "example_params_ui_tutorial"])
def test_examples_of_airflow_itself_are_clean(name):
    space = {"__file__": f"{name}.py", "__name__": name}
    path = Path(airflow.example_dags.__file__).with_name(f"{name}.py")
    exec(compile(path.read_text(), str(path), "exec"), space)  # noqa: S102 - Airflow's own file
    dags = [one for one in space.values() if isinstance(one, DAG)]
    assert dags
    for dag in dags:
        assert found(dag) == []
        assert sum(case.allowed for case in cases(declared_params(dag), 10)) > 10


@pytest.mark.parametrize(
    "module", [dp301_rejected_default, dp311_unusable_param_schema, dp312_refused_conf]
)
def test_rules_show_what_is_found_and_what_is_not(module):
    for source, expected in ((module.RULE.bad, {module.RULE.slug}), (module.RULE.good, set())):
        assert {one.offence for one in broken_params(dag_in(source))} == expected


def test_same_seed_finds_the_same_and_no_file_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with dag_of(**RICH) as dag:
        BashOperator(task_id="t", bash_command="date", params={"n": Param(1, type="integer")})
    assert list(broken_params(dag, seed=5)) == list(broken_params(dag, seed=5))
    assert list(tmp_path.iterdir()) == []
