"""A question is narrow where it leaves something out that DAGs promise."""

import pytest

from dagproof.proving.request import EXAMPLES, ContractsRequest


def test_question_about_everything_is_not_narrow():
    request = ContractsRequest(paths=["dags/a.py"], select=["DP302"])

    assert not request.is_narrow
    assert request.examples == EXAMPLES == 25


@pytest.mark.parametrize("part", [{"dag_id": "a"}, {"task_id": "a"}, {"conf": {}}])
def test_question_about_a_part_is_narrow(part):
    assert ContractsRequest(**part).is_narrow is True
