"""A template is found among the fields of a task, mapped or not."""

from types import SimpleNamespace

import pytest

from dagproof.contracts.fields import field_of, fields_of


def task(**fields):
    return SimpleNamespace(template_fields=tuple(fields), **fields)


def mapped(names, partial=None, **expanded):
    inputs = {name: SimpleNamespace(value=value) for name, value in expanded.items()}
    return SimpleNamespace(
        template_fields=names, is_mapped=True, partial_kwargs=partial or {}, **inputs
    )


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"bash_command": "{{ x }}"}, "bash_command"),
        ({"env": {"A": "b", "B": "{{ x }}"}}, "env.B"),
        ({"env": {"A": {"B": "{{ x }}"}}}, "env.A.B"),
        ({"arguments": ["b", "{{ x }}"]}, "arguments"),
        ({"arguments": ("{{ x }}",)}, "arguments"),
        ({"arguments": {"{{ x }}"}}, "arguments"),
        ({"files": [{"path": "{{ x }}"}]}, "files.path"),
        ({"op_kwargs": {"month": "{{ x }}"}}, "month"),
        ({"op_kwargs": {"months": ["{{ x }}"]}}, "months"),
        ({"op_args": ["{{ x }}"]}, "op_args"),
        ({"first": "{{ x }}", "second": "{{ x }}"}, "first"),
        ({"other": "{{ x }} "}, ""),
        ({"other": 3}, ""),
        ({}, ""),
    ],
)
def test_place_is_told_as_the_author_writes_it(fields, where):
    assert field_of(task(**fields), "{{ x }}") == where


def test_field_that_is_not_there_is_passed_over():
    assert field_of(SimpleNamespace(template_fields=("a", "b"), b="{{ x }}"), "{{ x }}") == "b"


@pytest.mark.parametrize(
    ("partial", "expanded", "where"),
    [
        ({"env": {"A": "{{ x }}"}}, {}, "env.A"),
        ({"op_kwargs": {"y": "{{ x }}"}}, {"op_kwargs_expand_input": {"z": [1]}}, "y"),
        ({}, {"expand_input": {"bash_command": ["a", "{{ x }}"]}}, "bash_command"),
        ({}, {"expand_input": [{"env": {"A": "{{ x }}"}}]}, "env.A"),
        ({}, {"expand_input": ({"bash_command": "{{ x }}"},)}, "bash_command"),
        ({}, {"expand_input": [{"bash_command": "b"}, 3]}, ""),
        ({}, {"op_kwargs_expand_input": {"y": ["{{ x }}"]}}, "y"),
        ({}, {"op_kwargs_expand_input": [{"y": "{{ x }}"}], "expand_input": {}}, "y"),
        ({}, {"expand_input": object()}, ""),
        ({}, {}, ""),
    ],
)
def test_template_of_a_mapped_task_is_found_wherever_it_was_given(partial, expanded, where):
    names = ("env", "bash_command", "templates_dict", "op_kwargs")
    assert field_of(mapped(names, partial, **expanded), "{{ x }}") == where


def test_arguments_of_a_callable_are_fields_of_no_other_name():
    one = mapped(("templates_dict",), op_kwargs_expand_input={"templates_dict": ["{{ x }}"]})

    assert field_of(one, "{{ x }}") == ""


def test_template_that_stands_in_several_places_is_found_in_all_of_them():
    one = task(cmd="{{ x }}", op_args=["{{ x }}"], op_kwargs={"a": "{{ x }}", "b": "b"})

    assert list(fields_of(one, "{{ x }}")) == ["cmd", "op_args", "a"]
