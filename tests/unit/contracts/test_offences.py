"""What is wrong with a task instance is known again, and told with its field and its conf."""

from types import SimpleNamespace

import pytest
from jinja2 import Environment, UndefinedError

from dagproof.airflow_compat.alarms import EndlessTemplateError
from dagproof.airflow_compat.rendered import Outcome, RenderedTask
from dagproof.contracts.broken import Broken
from dagproof.contracts.casts import CastFault
from dagproof.contracts.offences import Offence, offences, told, unreached

DAG = SimpleNamespace(task_ids=["load"], params={"month": 1})
TASK = SimpleNamespace(
    task_id="load", template_fields=("bash_command",), bash_command="{{ x }}", params={"own": 1}
)


def outcome(source="{{ x }}", *, is_file=False, **facts):
    return Outcome(source, is_file=is_file, native=False, **facts)


def undefined(name="x", **facts):
    return outcome(error=UndefinedError(f"'{name}' is undefined"), **facts)


class Callables:
    """Stands for what knows callables: says what it is told."""

    def __init__(self, *faults):
        self._faults = faults

    def faults(self, task, rendered):
        """Return what is wrong with the arguments."""
        assert task is TASK
        assert isinstance(rendered, RenderedTask)
        return iter(self._faults)


def found(*outcomes, callables=None, **facts):
    rendered = RenderedTask(TASK, outcomes, **facts)
    return offences(DAG, rendered, TASK, callables or Callables())


def test_task_that_renders_is_fine():
    assert found(outcome(value="5")) == []


@pytest.mark.parametrize("depends", [True, False])
def test_fault_of_a_template_is_an_offence_that_the_conf_may_be_behind(depends):
    assert found(undefined(depends=depends)) == [
        Offence(
            "undefined-template-name",
            "{{ x }}",
            "x",
            "cannot be rendered",
            "'x' is undefined",
            depends,
        )
    ]


def test_conf_is_not_behind_a_param_that_the_dag_does_not_have():
    error = UndefinedError("'dict object' has no attribute 'year'")

    [one] = found(outcome("{{ params.year }}", error=error, depends=True))

    assert (one.name, one.depends) == ("params.year", False)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RuntimeError("no upstream.\nat all"), "RuntimeError: no upstream"),
        (RuntimeError("no X"), "RuntimeError: no X"),
        (RuntimeError(), "RuntimeError"),
        (SystemExit(1), "SystemExit: 1"),
    ],
)
def test_error_beside_the_templates_is_told_of_the_task(error, why):
    kind = type(error).__name__
    assert found(error=error) == [
        Offence("broken-template", "", kind, "cannot be made ready to run", why)
    ]


def test_task_that_refuses_its_own_params_is_told_with_the_param():
    error = ValueError("Invalid input for param month: None is not of type 'integer'.\n\nmore")

    assert found(error=error) == [
        Offence(
            "refused-conf",
            "month",
            "month",
            "refuses to start",
            "None is not of type 'integer' (`month`)",
        )
    ]


def test_error_that_a_stand_in_may_have_led_to_is_not_told():
    assert found(error=RuntimeError("no"), unknown=True) == []


def cast(argument="month", source="{{ x }}", place=("/dags/a.py", 3)):
    return CastFault(argument, source, "gives `'5'`", "because", place)


@pytest.mark.parametrize("depends", [True, False])
def test_argument_that_cannot_be_taken_is_an_offence(depends):
    others = (outcome("{{ y }}", depends=False), outcome(depends=depends))

    assert found(*others, callables=Callables(cast())) == [
        Offence(
            "uncast-template-value",
            "{{ x }}",
            "month",
            "gives `'5'`",
            "because",
            depends,
            ("/dags/a.py", 3),
        )
    ]


def test_argument_that_is_missing_is_told_once():
    missing = outcome(value="None", printed=[None])
    both = found(missing, callables=Callables(cast(), cast("day", "{{ y }}")))

    assert [(one.slug, one.source) for one in both] == [
        ("none-in-template", "{{ x }}"),
        ("uncast-template-value", "{{ y }}"),
    ]


def test_offence_is_known_again_by_rule_template_and_name():
    one = Offence("slug", "{{ x }}", "x", "what", "why", place=("/dags/a.py", 3))

    assert one.key == ("slug", "{{ x }}", "x")


class Renderer:
    """Stands for what renders: reads templates."""

    names = frozenset({"ds", "params"})

    def __init__(self):
        self.read = []

    def parsed(self, task, source):
        """Return a template as it is read; None for one with a question mark."""
        assert task is TASK
        self.read.append(source)
        return None if "?" in source else Environment().parse(source)  # noqa: S701 - no HTML


def test_names_where_no_conf_leads_are_offences_that_no_conf_is_behind():
    source = "{{ ds }}{{ params.month }}{{ params.own }}{{ y }}{{ params.year }}"

    assert list(unreached(Renderer(), DAG, TASK, RenderedTask(TASK, (outcome(source),)))) == [
        Offence(
            "undefined-template-name", source, "y", "uses `y`, which nothing defines", depends=False
        ),
        Offence(
            "undefined-template-name",
            source,
            "params.year",
            "uses `params.year`, and the DAG has no such Param",
            depends=False,
        ),
    ]


def test_files_and_what_does_not_end_are_not_read():
    renderer = Renderer()
    rendered = RenderedTask(
        TASK,
        (
            outcome("a.sql", is_file=True),
            outcome("{{ endless }}", error=EndlessTemplateError()),
            outcome("{{ ? }}"),
            outcome("{{ y }}", error=ValueError()),
        ),
    )

    assert [one.name for one in unreached(renderer, DAG, TASK, rendered)] == ["y"]
    assert renderer.read == ["{{ ? }}", "{{ y }}"]


def test_offence_may_depend_on_the_conf_unless_it_is_known_not_to():
    assert Offence("slug", "", "", "").depends


def test_dag_and_task_may_have_no_params_at_all():
    dag = SimpleNamespace(params=None)
    task = SimpleNamespace(params=None)
    renderer = SimpleNamespace(
        names=["params"],
        parsed=lambda _, source: Environment().parse(source),  # noqa: S701 - no HTML
    )
    rendered = RenderedTask(task, (outcome("{{ params.a }}"),))

    assert [one.name for one in unreached(renderer, dag, task, rendered)] == ["params.a"]


def test_offence_of_a_template_is_told_with_its_field():
    one = Offence("broken-template", "{{ x }}", "", "cannot be rendered", "no")

    assert told("etl", TASK, one, {"a": 1}) == Broken(
        "broken-template",
        '`bash_command` of task `load` cannot be rendered with the conf `{"a": 1}`: no',
        "etl",
        "load",
        "bash_command",
        "{{ x }}",
        None,
        {"a": 1},
    )


def test_offence_of_a_template_that_is_no_field_is_told_of_the_task():
    one = Offence("broken-template", "{{ y }}", "", "does not end")

    broken = told("etl", TASK, one, None)

    assert broken.message == "Task `load` does not end"
    assert (broken.field, broken.text, broken.conf) == ("", "{{ y }}", None)


@pytest.mark.parametrize(("argument", "field"), [("month", "month"), ("", "bash_command")])
def test_offence_of_an_argument_is_told_of_the_task(argument, field):
    one = Offence("uncast-template-value", "{{ x }}", argument, "gives 5", place=("/a.py", 3))

    broken = told("etl", TASK, one, {})

    assert broken.message == "Task `load` gives 5 with the default conf"
    assert (broken.field, broken.place) == (field, ("/a.py", 3))
