"""Which task changed what is seen by looking after each attempt."""

from dataclasses import replace

from dagproof.model import Attempt, Snapshot, StateDifference, Stored, UnavailableError
from dagproof.repeating.watching import Step, Watch, blamed

EMPTY = Snapshot()
ONE = Snapshot(objects=(Stored("s3://b/x", 1, "a"),))
TWO = Snapshot(objects=(Stored("s3://b/x", 2, "b"),))
DIFFERENCE = StateDifference("object", "s3://b/x", "it differs")


class _Observer:
    def __init__(self, *answers):
        self.answers = list(answers)

    def take(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def attempt(task_id, number=1, map_index=-1):
    return Attempt(task_id, map_index, number)


def around(watch, *attempts):
    for one in attempts:
        with watch(one):
            pass


def test_each_attempt_is_a_step_from_the_one_before():
    watch = Watch(_Observer(ONE, TWO), EMPTY, 10)
    around(watch, attempt("a"), attempt("b"))
    assert watch.steps == [Step(attempt("a"), EMPTY, ONE), Step(attempt("b"), ONE, TWO)]
    assert watch.complete


def test_services_that_do_not_answer_cost_one_step_and_no_task():
    watch = Watch(_Observer(UnavailableError("no"), TWO), EMPTY, 10)
    around(watch, attempt("a"), attempt("b"))
    assert watch.steps == [Step(attempt("b"), EMPTY, TWO)]


def test_looking_ends_when_its_time_is_up():
    watch = Watch(_Observer(), EMPTY, 0)
    around(watch, attempt("a"))
    assert (watch.steps, watch.complete) == ([], False)


def test_tasks_that_changed_what_differs_are_named_in_their_order():
    steps = [
        Step(attempt("reads"), ONE, ONE),
        Step(attempt("writes"), EMPTY, ONE),
        Step(attempt("again"), ONE, TWO),
        Step(attempt("writes", 2), ONE, TWO),
    ]
    [one] = blamed([DIFFERENCE], steps, ())
    assert one.tasks == ("writes", "again")
    assert str(one) == "`writes` and `again`: it differs"
    assert str(DIFFERENCE) == "it differs"


def test_after_retries_those_count_that_changed_it_in_several_tries():
    steps = [
        Step(attempt("a"), EMPTY, ONE),
        Step(attempt("a", map_index=1), EMPTY, ONE),
        Step(attempt("b"), EMPTY, ONE),
        Step(attempt("b", 2), ONE, TWO),
    ]
    [retried] = blamed([replace(DIFFERENCE, retried=True)], steps, ())
    [once] = blamed([replace(DIFFERENCE, retried=True)], steps[:3], ())
    assert retried.tasks == ("b",)
    assert once.tasks == ("a", "b")


def test_what_is_known_already_or_excepted_is_not_looked_for():
    failed = replace(DIFFERENCE, tasks=("c",))
    steps = [Step(attempt("a"), EMPTY, ONE)]
    assert blamed([failed], steps, ()) == (failed,)
    assert blamed([DIFFERENCE], steps, ("s3://*",))[0].tasks == ()
    assert blamed([], steps, ()) == ()
