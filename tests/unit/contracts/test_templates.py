"""Each way in which a template goes wrong has its rule, its words, and its exceptions."""

import pytest
from jinja2 import Environment, StrictUndefined, TemplateNotFound, UndefinedError
from jinja2.exceptions import TemplateSyntaxError

from dagproof.airflow_compat.alarms import EndlessTemplateError
from dagproof.airflow_compat.rendered import Outcome
from dagproof.contracts import templates
from dagproof.contracts.templates import Fault, faults, names_of, unreached


class Proxy:
    """Stands for a value that Airflow looks for when it is printed."""

    __wrapped__ = None


def outcome(source="{{ x }}", **facts):
    return Outcome(source, is_file=False, **{"native": False, **facts})


def told(source="{{ x }}", tasks=("a", "b"), **facts):
    return list(faults(outcome(source, **facts), tasks))


def rendered(source, filters=None, **names):
    """Render a template as Airflow does; return what is wrong with it."""
    environment = Environment(undefined=StrictUndefined)  # noqa: S701 - no HTML
    environment.filters.update(filters or {})
    try:
        value, error = environment.from_string(source).render(names), None
    except Exception as raised:  # noqa: BLE001 - it is told
        value, error = None, raised
    return told(source, value=value, error=error)


def test_template_that_renders_is_fine():
    assert told(value="5", printed=["5"]) == []


def test_source_that_is_no_task_is_told_once():
    assert told(pulled=("a", "c", "c", "d")) == [
        Fault("unknown-xcom-source", "pulls XCom of `c`, which is no task of the DAG"),
        Fault("unknown-xcom-source", "pulls XCom of `d`, which is no task of the DAG"),
    ]


def test_source_that_is_no_task_is_told_beside_what_went_wrong():
    both = told(pulled=("c",), error=EndlessTemplateError())

    assert [one.offence for one in both] == ["unknown-xcom-source", "broken-template"]


@pytest.mark.parametrize(
    ("source", "offence", "what", "why", "name"),
    [
        ("{{ y }}", templates.UNDEFINED, "cannot be rendered", "'y' is undefined", "y"),
        (
            "{{ x.y }}",
            templates.UNDEFINED,
            "cannot be rendered",
            "'dict object' has no attribute 'y'",
            "",
        ),
        (
            "{{ 1 | nope }}",
            templates.UNDEFINED,
            "cannot be rendered",
            "No filter named 'nope'",
            "",
        ),
        (
            "\n{{ x",
            templates.BROKEN,
            "is not a Jinja template",
            "unexpected end of template, expected 'end of print statement' (line 2 of it)",
            "",
        ),
        (
            "{{ 1 / n }}",
            templates.BROKEN,
            "cannot be rendered",
            "ZeroDivisionError: division by zero",
            "",
        ),
        (
            "{{ params.y }}",
            templates.UNDEFINED,
            "uses `params.y`, and the DAG has no such Param",
            "",
            "params.y",
        ),
        (
            "{{ params['y z'] }}",
            templates.UNDEFINED,
            "uses `params.y z`, and the DAG has no such Param",
            "",
            "params.y z",
        ),
    ],
)
def test_template_that_fails_is_told_by_rule_and_reason(source, offence, what, why, name):
    assert rendered(source, x={}, n=0, params={}) == [Fault(offence, what, why, name)]


def test_file_that_is_missing_is_told():
    assert told(error=TemplateNotFound("a.sql", "'a.sql' not found in search path: '/dags'")) == [
        Fault(
            "broken-template",
            "needs a file that is not there",
            "'a.sql' not found in search path: '/dags'",
        )
    ]


def test_template_that_is_interrupted_does_not_end():
    assert told(error=EndlessTemplateError()) == [Fault("broken-template", "does not end")]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("no.\nat all"), "ValueError: no"),
        (ValueError(" \n"), "ValueError"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyError("year"), "KeyError: 'year'"),
    ],
)
def test_reason_is_one_line_without_a_full_stop(error, why):
    assert [one.why for one in told(error=error)] == [why]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UndefinedError("'y' is undefined"), True),
        (UndefinedError("'dict object' has no attribute 'y'"), False),
        (ValueError("no"), False),
        (TemplateSyntaxError("no", 1), True),
        (EndlessTemplateError(), True),
    ],
)
def test_error_that_a_stand_in_may_have_led_to_is_not_told(error, said):
    assert bool(told(error=error, unknown=True)) is said


def test_missing_key_of_another_dict_than_the_params_is_not_taken_for_a_param():
    [one] = rendered("{{ x.y }}{{ params.z }}", x={}, params={"z": 1})

    assert (one.name, one.why) == ("", "'dict object' has no attribute 'y'")


def test_missing_key_is_told_of_a_template_that_only_airflow_can_read():
    error = UndefinedError("'dict object' has no attribute 'y'")

    assert [one.what for one in told("{% own %}{{ params.y }}", error=error)] == [
        "cannot be rendered"
    ]


@pytest.mark.parametrize(
    ("printed", "native", "said"),
    [
        (["a", None], False, True),
        ([None], False, True),
        (["None"], False, False),
        ([], False, False),
        ([""], False, False),
        ([None], True, True),
        (["a", None], True, True),
        ([Proxy()], False, True),
    ],
)
def test_none_is_told_where_it_becomes_text(printed, native, said):
    found = told(value="echo None", printed=printed, native=native)

    assert found == (
        [
            Fault(
                "none-in-template",
                "has the text `None` for a value that is missing",
                "`'echo None'`",
            )
        ]
        if said
        else []
    )


@pytest.mark.parametrize(
    ("source", "printed", "said"),
    [
        ("{{ ti.xcom_push('a', 1) }}", [None], False),
        ("{{ ti.xcom_push('a', 1) }}{{ x }}", [None, None], True),
    ],
)
def test_call_that_gives_nothing_is_no_value_that_is_missing(source, printed, said):
    assert bool(told(source, value="None", printed=printed)) is said


def test_none_that_native_rendering_keeps_is_not_text():
    assert told(value=None, printed=[None], native=True) == []


def surprises(source="{{ ds_nodash }}", value=20240229, printed=("20240229",), **facts):
    return told(source, value=value, printed=list(printed), **{"native": True, **facts})


def test_text_that_becomes_a_number_is_a_surprise():
    assert surprises() == [
        Fault("native-rendering-surprise", "gives the int `20240229` for the text `'20240229'`")
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"native": False},
        {"value": "20240229"},
        {"printed": (20240229,)},
        {"printed": ("2024", "0229")},
        {"printed": ()},
        {"printed": (" ",), "value": None},
        {"unknown": True},
        *(
            {"source": f"{{{{ {name}.a }}}}"}
            for name in ("conn", "dag_run", "task_instance", "ti", "var")
        ),
    ],
)
def test_text_that_stays_text_or_was_promised_by_nobody_is_no_surprise(facts):
    assert surprises(**facts) == []


def test_names_of_a_template_are_those_that_it_does_not_set():
    assert names_of("{% set a = b %}{{ a }}{{ c.d }}") == {"b", "c"}
    assert names_of("{{ a") == frozenset()
    assert names_of("{{ a | nope }}") == frozenset()


def missing(source, names=("ds", "params", "dag_run"), params=("month",), filters=None):
    environment = Environment(undefined=StrictUndefined)  # noqa: S701 - no HTML
    environment.filters.update(filters or {})
    return [one.name for one in unreached(environment.parse(source), names, params)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ ds }}{{ params.month }}{{ params['month'] }}", []),
        ("{% if ds %}{{ b }}{% endif %}{{ a }}", ["a", "b"]),
        ("{% set a = 1 %}{{ a }}{% for b in ds %}{{ loop.index }}{{ b }}{% endfor %}", []),
        ("{{ params.year }}{{ params.year }}", ["params.year"]),
        ("{{ params['year'] }}", ["params.year"]),
        ("{{ params[ds] }}{{ params.items() }}{{ params.get('year') }}", []),
        ("{{ ds.year }}", []),
        ("{% if a is defined %}{{ a }}{% endif %}", []),
        ("{% if a is undefined %}{% else %}{{ a }}{% endif %}", []),
        ("{% if a is none %}{% endif %}", ["a"]),
        ("{{ a | default('b') }}{{ c | d }}", []),
        ("{{ a | upper }}", ["a"]),
        ("{% filter upper %}{{ a }}{% endfilter %}", ["a"]),
        ("{{ params.year | default(1) }}", []),
        ("{{ params['year'] | default(1) }}", []),
        ("{{ params.year.first | default(1) }}", []),
        ("{{ (ds ~ 1) | default(1) }}{{ params.year }}", ["params.year"]),
        ("{% if 'year' in params %}{{ params.year }}{% endif %}", []),
        ("{{ params.year if dag_run.conf.get('year') }}", []),
        ("{{ params['year'] if dag_run.conf['day'] }}", ["params.year"]),
        ("{{ params['year'] if 'year' in params }}", []),
    ],
)
def test_names_that_nothing_defines_are_found_where_no_conf_leads(source, found):
    assert missing(source) == found


def test_name_is_told_with_what_is_wrong_with_it():
    parsed = Environment().parse("{{ a }}{{ params.year }}")  # noqa: S701 - no HTML

    assert list(unreached(parsed, ["params"], [])) == [
        Fault("undefined-template-name", "uses `a`, which nothing defines", "", "a"),
        Fault(
            "undefined-template-name",
            "uses `params.year`, and the DAG has no such Param",
            "",
            "params.year",
        ),
    ]


def test_filter_that_is_not_there_is_told_elsewhere():
    assert missing("{{ a | nope }}") == []
