"""Cases: confs to try, each with what its schemas say of it."""

from dagproof.airflow_compat.params import DeclaredParam, Refusal
from dagproof.contracts.params_hold import Case, _refused, cases
from dagproof.contracts.shapes import UNKNOWN_KEY

MONTH = DeclaredParam("month", {"type": "integer", "minimum": 1, "maximum": 12}, 1)
YEAR = DeclaredParam("year", {"type": "integer", "minimum": 2020})


def confs(params, *, allowed=None):
    return [case.conf for case in cases(params, 5) if allowed is None or case.allowed is allowed]


def test_smallest_conf_comes_first_and_no_conf_twice():
    found = confs([MONTH, YEAR])
    assert found[0] == {"year": 2020}
    assert len({repr(sorted(conf.items(), key=repr)) for conf in found}) == len(found)


def test_form_sends_every_default():
    assert {"year": 2020, "month": 1} in confs([MONTH, YEAR], allowed=True)


def test_unknown_key_is_allowed():
    assert {"year": 2020, UNKNOWN_KEY: "x"} in confs([MONTH, YEAR], allowed=True)


def test_allowed_is_what_jsonschema_says_of_the_whole_conf():
    allowed, forbidden = confs([MONTH, YEAR], allowed=True), confs([MONTH, YEAR], allowed=False)
    assert {"year": 2020, "month": 12} in allowed
    assert {"year": 2020, "month": 13} in forbidden
    assert {"year": 2020, "month": "5"} in forbidden
    assert {"year": 2020, "month": 5.0} in allowed
    assert {} in forbidden


def test_case_says_which_param_it_is_about_and_where_it_comes_from():
    case = next(one for one in cases([MONTH], 0) if one.conf == {"month": "5"})
    assert case.param == "month"
    assert case.shape == (
        "a number as text, as a template in the `conf` of a `TriggerDagRunOperator` gives it"
    )


def test_rejected_default_is_replaced_in_every_allowed_conf():
    wrong = DeclaredParam("month", {"type": "integer", "minimum": 1}, "1")
    found = confs([wrong], allowed=True)
    assert found
    assert all(type(conf["month"]) in (int, float) for conf in found)
    assert {"month": "1"} not in confs([wrong])


def test_param_with_an_unusable_schema_forbids_every_conf():
    broken = DeclaredParam("month", {"type": "intger"}, 1)
    assert confs([broken, MONTH], allowed=True) == []
    assert confs([broken], allowed=False)[0] == {}


def test_param_that_airflow_cannot_serialize_forbids_every_conf():
    unserved = DeclaredParam("month", {"type": "integer"}, 1, unserved="why")
    assert confs([unserved], allowed=True) == []


def test_number_of_generated_confs_is_bounded():
    generated = [one for one in cases([MONTH, YEAR], 7) if one.shape == "a generated conf"]
    assert 0 < len(generated) <= 7
    assert not [one for one in cases([MONTH], 0) if one.shape == "a generated conf"]


def test_dag_without_params_has_the_empty_conf_and_an_unknown_key():
    assert confs([], allowed=True) == [{}, {UNKNOWN_KEY: "x"}]


def test_cases_can_be_changed_without_changing_later_ones():
    for case in cases([MONTH], 5):
        case.conf["month"] = "changed"
    assert {"month": "changed"} not in confs([MONTH])


NAMED = Refusal("n", "too small", ValueError("Invalid input for param n: too small"))
UNNAMED = Refusal("", "too small", ValueError("too small"))


def told(answer, *, allowed):
    tried = [Case({"n": 100}, allowed, "", "n"), Case({"n": 5}, allowed, "", "n")]
    return [(one.message, one.conf) for one in _refused("dag", lambda _: answer, tried)]


def test_refusal_of_an_allowed_conf_is_told_with_the_smallest_one():
    ((message, conf),) = told(NAMED, allowed=True)
    assert conf == {"n": 5}
    assert message.startswith(
        'Airflow refuses `{"n": 5}` of the Param `n`, which the schema allows'
    )
    assert message.endswith(": Invalid input for param n: too small")


def test_acceptance_of_a_forbidden_conf_is_told():
    (one,) = told({"n": 5}, allowed=False)
    assert one[0] == 'Airflow accepts `{"n": 5}` of the Param `n`, which the schema forbids'


def test_refusal_without_a_name_is_told_even_where_it_is_right():
    (one,) = told(UNNAMED, allowed=False)
    assert one[0] == 'Airflow refuses `{"n": 5}` of the Param `n` and names no Param: too small'


def test_agreement_is_not_told():
    assert told(NAMED, allowed=False) == []
    assert told({"n": 5}, allowed=True) == []
