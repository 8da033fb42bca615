"""Of an expanded task some instances are looked at, with stand-ins for what a run makes."""

from types import SimpleNamespace

import pytest

from dagproof.airflow_compat.expansion import instances, lists_to_expand
from dagproof.airflow_compat.rendering import Answers


class Expanded(SimpleNamespace):
    """What a task is expanded over."""

    references = ()

    def iter_references(self):
        """Yield operators and keys of XCom."""
        return iter([(SimpleNamespace(task_id=one), "return_value") for one in self.references])


class Mapped:
    """A task that is expanded over arguments of its own."""

    is_mapped = True

    def __init__(self, value, references=()):
        self._expanded = Expanded(value=value, references=references)

    def _get_specified_expand_input(self):
        return self._expanded


class Plain:
    """A task that is not, unless its group is."""

    is_mapped = False

    def __init__(self, value=None, references=()):
        self._group = value and SimpleNamespace(
            _expand_input=Expanded(value=value, references=references)
        )

    def get_closest_mapped_task_group(self):
        """Return the group."""
        return self._group


@pytest.mark.parametrize("kind", [Mapped, Plain])
@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"a": [1, 2, 3]}, 3),
        ({"a": [1], "b": [1, 2]}, 2),
        ({"a": [1, 2], "b": (1, 2)}, 4),
        ({"a": {"x": 1, "y": 2}}, 2),
        ({"a": [1, 2], "b": object()}, 2),
        ({"a": object()}, 1),
        ({"a": range(5)}, 5),
        ({"a": range(6)}, 5),
        ({"a": []}, 0),
        ([{"a": 1}, {"a": 2}], 2),
        (object(), 1),
    ],
)
def test_instances_are_counted_up_to_five(kind, value, count):
    assert instances(kind(value)) == range(count)


def test_task_that_is_not_expanded_has_one_instance_without_an_index():
    assert list(instances(Plain())) == [-1]


@pytest.mark.parametrize("kind", [Mapped, Plain])
def test_list_that_only_a_run_knows_has_one_stand_in(kind):
    answers = Answers()
    lists = lists_to_expand(kind({"x": object()}, ["a", "b"]), answers)

    assert list(lists) == ["a", "b"]
    assert [len(one) for one in lists.values()] == [1, 1]
    assert answers.unknown == ["xcom.a[0]", "xcom.b[0]"]


def test_task_that_is_not_expanded_needs_no_lists():
    assert lists_to_expand(Plain(), Answers()) == {}


def test_reference_that_cannot_be_read_is_passed_over():
    class Unreadable:
        is_mapped = True

        def _get_specified_expand_input(self):
            return SimpleNamespace(value={})  # it has no references

    assert lists_to_expand(Unreadable(), Answers()) == {}
