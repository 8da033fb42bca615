"""Every subject is looked at, and one that stumbles is told as such."""

from dagproof.doctor import Check, State, examine
from dagproof.doctor.check import ok, problem, warning
from dagproof.doctor.examination import SUBJECTS


def test_checks_come_in_the_order_of_their_subjects(surroundings):
    subjects = [
        ("a", lambda _: iter([ok("a", "1"), problem("b", "2", "c")])),
        ("d", lambda _: iter([warning("d", "3")])),
    ]

    assert examine(surroundings(), subjects) == (
        Check("a", State.OK, "1"), Check("b", State.PROBLEM, "2", "c"),
        Check("d", State.WARNING, "3"),
    )  # fmt: skip


def test_subject_that_stumbles_is_told_and_the_others_are_looked_at(surroundings):
    def stumbles(_):
        yield ok("a", "before")
        raise ZeroDivisionError

    def stumbles_with_words(_):
        raise OSError("no such thing")

    found = examine(
        surroundings(),
        [("a", stumbles), ("b", stumbles_with_words), ("c", lambda _: iter([ok("c", "after")]))],
    )

    assert [(check.name, check.state.value) for check in found] == [
        ("a", "ok"), ("a", "warning"), ("b", "warning"), ("c", "ok"),
    ]  # fmt: skip
    assert (
        found[1].sentence == "Nobody could look, which is a defect of dagproof (ZeroDivisionError)"
    )
    assert found[2].sentence.endswith("(OSError: no such thing)")


def test_every_subject_looks_at_this_machine_without_stumbling(surroundings):
    found = examine(surroundings())

    assert {name for name, _ in SUBJECTS} >= {"python", "airflow", "git", "cache", "shell"}
    assert [check for check in found if "defect of dagproof" in check.sentence] == []
    assert all(check.sentence and "\n" not in check.sentence for check in found)
    assert {check.name for check in found} >= {"python", "settings", "git", "cache", "disk"}
