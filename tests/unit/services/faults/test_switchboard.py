"""Faults begin and end with the attempts that they name, and are told in terms of the run."""

import pytest

from dagproof.model import Attempt, Fault, FaultRecord
from dagproof.services.faults.switchboard import Switchboard


class _Proxy:
    """Notes what is asked; `told` is its report."""

    def __init__(self, told=()):
        self.asked = []
        self.told = list(told)

    def ask(self, operation, **arguments):
        self.asked.append((operation, *arguments.values()))
        return self.told if operation == "report" else None


def board(*texts, told=(), tries=None):
    proxy = _Proxy(told)
    made = Switchboard({}, [Fault.parse(text) for text in texts], proxy, tries or {})
    return made, proxy


def run(made, *attempts):
    for task, index, number in attempts:
        with made.attempt(Attempt(task, index, number)):
            pass


def test_faults_without_a_task_begin_with_the_run():
    made, proxy = board("mlflow:500@train", "s3:500", "mlflow:slow")
    made.begin_run()
    assert proxy.asked == [("begin", 1), ("begin", 2)]


def test_fault_begins_with_the_first_attempt_of_its_task_and_once():
    made, proxy = board("mlflow:500@train")
    run(made, ("load", -1, 1))
    assert proxy.asked == []
    with made.attempt(Attempt("train", 0, 1)):
        assert proxy.asked == [("begin", 0)]
    run(made, ("train", 1, 1), ("train", 0, 2), ("report", -1, 1))
    assert proxy.asked == [("begin", 0)]


def test_fault_ends_after_so_many_attempts_of_the_instance_that_it_began_with():
    made, proxy = board("mlflow:500@train,attempts=2")
    run(made, ("train", 3, 1), ("train", 4, 1), ("train", 4, 2), ("report", -1, 1))
    assert proxy.asked == [("begin", 0)]
    with made.attempt(Attempt("train", 3, 2)):
        assert proxy.asked == [("begin", 0)]
    assert proxy.asked == [("begin", 0), ("end", 0)]
    run(made, ("train", 3, 3))
    assert proxy.asked == [("begin", 0), ("end", 0)]


def test_fault_ends_with_an_attempt_that_raises():
    made, proxy = board("mlflow:500@train,attempts=1")
    with pytest.raises(ValueError, match="x"), made.attempt(Attempt("train", -1, 1)):
        raise ValueError("x")
    assert proxy.asked[-1] == ("end", 0)


def test_it_is_known_whether_a_service_has_ever_failed():
    made, _ = board("mlflow:500@train", "postgres:slow")
    assert not made.has_begun("postgres")
    made.begin_run()
    assert made.has_begun("postgres")
    assert not made.has_begun("mlflow")


def test_records_count_from_the_start_of_the_run():
    made, _ = board(
        "mlflow:500@train",
        "s3:slow",
        "mlflow:cut@never",
        told=[(12.0, 15.5, 3), (9.0, None, 0), (None, None, 0)],
    )
    assert made.records(10.0) == (
        FaultRecord("mlflow:500@train", 2.0, 5.5, 3),
        FaultRecord("s3:slow", 0.0, None, 0),
        FaultRecord("mlflow:cut@never"),
    )


def test_refused_connections_count_while_the_fault_holds():
    told = [(10.0, 20.0, 2), (None, None, 0), (10.0, None, 1)]
    tries = {"mlflow": [9.9, 10.0, 15.0, 20.0, 25.0]}
    made, _ = board("mlflow:down", "mlflow:restart@x", "mlflow:500", told=told, tries=tries)
    assert list(made.hits.values()) == [4, 0, 1]
    assert [record.unit for record in made.records(0)] == ["connection", "connection", "request"]


def test_refused_connections_count_to_the_end_where_the_fault_never_ends():
    made, _ = board("s3:down", told=[(10.0, None, 0)], tries={"s3": [9.0, 11.0, 12.0]})
    assert list(made.hits.values()) == [2]


def test_fault_can_be_ended_by_hand():
    made, proxy = board("s3:down", "mlflow:500@x")
    made.end(Fault("mlflow", "500", "x"))
    assert proxy.asked == [("end", 1)]
