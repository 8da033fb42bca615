"""Which runs are whose, by what a server answers before and after attempts."""

import pytest

from dagproof.model import Attempt, BegunRun, DagOutcome, SeenRuns, TaskOutcome
from dagproof.services import run_ids
from dagproof.services.mlflow_api import ApiError
from dagproof.services.run_ids import RunWatch

ADDRESS = {"MLFLOW_TRACKING_URI": "http://mlflow.test"}
NOW = 1_000_000


class Server:
    """An MLflow that holds runs, and writes down what it was asked."""

    def __init__(self):
        self.runs, self.asked = {}, []
        self.silent, self.refuses, self.defect = False, "", None
        self.status = 400

    def begin(self, run_id, start=NOW, parent="", status="RUNNING"):
        tags = [{"key": "mlflow.parentRunId", "value": parent}] if parent else []
        info = {"run_id": run_id, "start_time": str(start), "status": status}
        self.runs[run_id] = {"info": info, "data": {"tags": [{"key": "a", "value": "b"}, *tags]}}

    def ask(self, server, path, body):
        assert server.timeout <= 5, "nobody waits long for an answer"
        self.server = server
        self.asked.append((path, body))
        if self.defect:
            raise self.defect
        if self.silent:
            raise ConnectionRefusedError
        if path == "experiments/search":
            return {"experiments": [{"experiment_id": "0"}]}
        chosen = body["filter"]
        if self.refuses and self.refuses in chosen:
            raise ApiError(self.status, "INVALID_PARAMETER_VALUE", "Invalid comparator")
        found = [run for run in self.runs.values() if self._matches(run["info"], chosen)]
        return {"runs": found[: body["max_results"]]}

    def _matches(self, info, chosen):
        if "NOT IN" in chosen:
            return f"'{info['run_id']}'" not in chosen
        if "start_time" in chosen:
            return int(info["start_time"]) >= int(chosen.rpartition(" ")[2])
        return "RUNNING" not in chosen or info["status"] == "RUNNING"

    def pages(self, server, path, key, body):
        yield from self.ask(server, path, body).get(key, [])

    @property
    def filters(self):
        return [body["filter"] for path, body in self.asked if path == "runs/search"]


@pytest.fixture
def clock(monkeypatch):
    """Give the time in milliseconds, which passes by one with each look at it."""
    now = [NOW]

    def tick():
        now[0] += 1
        return now[0]

    monkeypatch.setattr(run_ids, "_now", tick)
    return now


@pytest.fixture
def server(monkeypatch, clock):
    made = Server()
    monkeypatch.setattr(run_ids.mlflow_api, "ask", made.ask)
    monkeypatch.setattr(run_ids.mlflow_api, "pages", made.pages)
    return made


def attempt(task_id="train", map_index=-1, try_number=1):
    return Attempt(task_id, map_index, try_number)


def outcome(*keys):
    tasks = tuple(TaskOutcome(*key, "success", 1, 0.1) for key in keys or [("train", -1)])
    return DagOutcome("d", "r", "success", tasks, 1.0)


@pytest.mark.parametrize("environment", [{}, {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}])
def test_without_an_mlflow_server_nothing_is_asked_and_nothing_said(monkeypatch, environment):
    monkeypatch.setattr(run_ids.mlflow_api, "ask", lambda *_: pytest.fail("asked"))
    watch = RunWatch(environment)

    watch.begin()
    with watch.companion(attempt()):
        pass

    assert watch.told(outcome()) == outcome()


def test_a_run_that_was_there_before_is_nobodys_business(server):
    server.begin("old")
    watch = RunWatch(ADDRESS)

    watch.begin()
    with watch.companion(attempt()):
        pass

    assert watch.told(outcome()).seen_runs == SeenRuns()


def test_runs_belong_to_the_attempts_that_they_began_in_in_order_of_start(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt("a", 0)):
        server.begin("late", NOW + 50)
        server.begin("early", NOW + 40)
    with watch.companion(attempt("a", 1)):
        server.begin("other", 7)

    told = watch.told(outcome(("a", 0), ("a", 1), ("b", -1)))

    assert [task.mlflow_runs for task in told.tasks] == [("early", "late"), ("other",), ()]
    assert told.seen_runs.begun[2] == BegunRun("other", attempt("a", 1))


def test_watch_that_was_not_begun_looks_before_the_first_attempt(server):
    server.begin("old")
    watch = RunWatch(ADDRESS)
    with watch.companion(attempt()):
        server.begin("new")

    assert watch.told(outcome()).task("train").mlflow_runs == ("new",)


def test_a_failing_attempt_has_its_runs_and_its_exception(server):
    watch = RunWatch(ADDRESS)
    watch.begin()

    def fail():
        with watch.companion(attempt()):
            server.begin("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert watch.told(outcome()).task("train").mlflow_runs == ("new",)


def test_nested_runs_belong_to_their_parent_also_in_a_later_try(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("parent")
        server.begin("child", NOW + 101, "parent")
        server.begin("grandchild", NOW + 102, "child")
    with watch.companion(attempt(try_number=2)):
        server.begin("second child", NOW + 103, "parent")
    with watch.companion(attempt("other")):
        server.begin("its own", NOW + 104, "parent")

    told = watch.told(outcome(("train", -1), ("other", -1)))

    assert told.task("train").mlflow_runs == ("parent",)
    assert told.task("other").mlflow_runs == ("its own",)
    assert told.task("train").open_mlflow_runs == (
        "parent",
        "child",
        "grandchild",
        "second child",
    )


def test_only_runs_that_have_not_ended_are_open(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("ended", status="FINISHED")
        server.begin("open")

    assert watch.told(outcome()).task("train").open_mlflow_runs == ("open",)


def test_runs_that_begin_between_attempts_and_after_them_are_nobodys(server, clock):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt("a")):
        pass
    watch._look.found()
    server.begin("between", clock[0])
    with watch.companion(attempt("b")):
        server.begin("own", clock[0])
    watch._look.found()
    server.begin("after", clock[0])

    begun = watch.told(outcome()).seen_runs.begun

    assert [(run.run_id, run.attempt) for run in begun] == [
        ("between", None),
        ("own", attempt("b")),
        ("after", None),
    ]


def test_a_run_that_begins_while_mlflow_is_asked_after_an_attempt_is_nobodys(
    server, clock, monkeypatch
):
    answer = server.ask

    def ask(*question):
        if len(server.asked) == 2:
            clock[0] += 5
            server.begin("of a callback", clock[0])
        return answer(*question)

    monkeypatch.setattr(server, "ask", ask)
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("own", clock[0] + 1)

    begun = watch.told(outcome()).seen_runs.begun

    assert [(run.run_id, run.attempt) for run in begun] == [
        ("own", attempt()),
        ("of a callback", None),
    ]


def test_mlflow_that_does_not_answer_gives_no_ids_and_says_of_which_attempts(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt("seen")):
        server.begin("first")
    with watch.companion(attempt("lost")):
        server.begin("second")
        server.silent = True
    with watch.companion(attempt("lost too")):
        server.begin("third")
        server.silent = False
    with watch.companion(attempt("seen again")):
        server.begin("fourth")

    told = watch.told(outcome(("seen", -1), ("lost", -1), ("lost too", -1), ("seen again", -1)))

    assert [task.mlflow_runs for task in told.tasks] == [("first",), (), (), ("fourth",)]
    assert told.seen_runs.unseen == (attempt("lost"), attempt("lost too"))


def test_mlflow_that_is_silent_at_the_end_leaves_what_was_seen(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("new")
    watch._look.found()
    server.silent = True

    told = watch.told(outcome())

    assert told.task("train").mlflow_runs == ("new",)
    assert told.task("train").open_mlflow_runs == ()


def test_mlflow_that_never_answers_gives_nothing(server):
    server.silent = True
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        pass

    assert watch.told(outcome()).seen_runs == SeenRuns((), (attempt(),))


def test_a_defect_of_ours_is_not_taken_for_silence(server):
    server.defect = AttributeError("ours")
    watch = RunWatch(ADDRESS)
    watch.begin()

    with pytest.raises(AttributeError, match="ours"), watch.companion(attempt()):
        pytest.fail("the attempt must not begin")


def test_known_runs_are_left_out_of_the_question(server):
    server.begin("old")
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("new")
    watch.told(outcome())

    assert server.filters == [
        "",
        "attributes.run_id NOT IN ('old')",
        "attributes.run_id NOT IN ('new', 'old')",
        "attributes.status = 'RUNNING'",
    ]


def test_an_empty_store_is_asked_for_everything(server):
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        pass
    watch.told(outcome())

    assert server.filters == ["", "", ""], "and nobody asks what is open where nothing began"


def test_a_store_of_many_runs_is_asked_for_recent_ones(server):
    for number in range(300):
        server.begin(f"old {number}", 5)
    server.begin("other's", NOW - 10)
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("new", NOW + 100)

    assert watch.told(outcome()).task("train").mlflow_runs == ("new",)
    assert all("start_time" in one for one in server.filters[1:-1])
    assert server.asked[1][1]["max_results"] == 201, "a first look is a short one"


def test_a_run_that_begins_many_runs_is_asked_for_recent_ones_from_then_on(server, monkeypatch):
    monkeypatch.setattr(run_ids, "_EXCLUDED", 2)
    watch = RunWatch(ADDRESS)
    watch.begin()
    for index in range(4):
        with watch.companion(attempt("train", index)):
            server.begin(f"run {index}", NOW + 100 + index)

    told = watch.told(outcome(*[("train", index) for index in range(4)]))

    assert [task.mlflow_runs for task in told.tasks] == [(f"run {at}",) for at in range(4)]
    assert "start_time" in server.filters[-2]


def test_a_store_that_cannot_leave_out_by_name_is_asked_for_recent_ones(server):
    server.refuses = "NOT IN"
    server.begin("old", 5)
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        server.begin("new", NOW + 100)

    assert watch.told(outcome()).task("train").mlflow_runs == ("new",)
    assert sum("NOT IN" in one for one in server.filters) == 1, "it is not asked again"


def test_a_question_that_fails_otherwise_is_not_asked_in_other_words(server):
    server.refuses, server.status = "NOT IN", 503
    server.begin("old")
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        pass

    assert watch.told(outcome()).seen_runs.unseen == (attempt(),)
    assert not any("start_time" in one for one in server.filters)


def test_credentials_are_those_that_mlflow_would_use(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "word")
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        pass

    assert server.server.authorization == "Bearer word"
    assert server.server.address == "http://mlflow.test"


def test_a_server_without_any_experiment_is_not_asked_for_runs(server, monkeypatch):
    monkeypatch.setattr(run_ids.mlflow_api, "pages", lambda *_: iter(()))
    watch = RunWatch(ADDRESS)
    watch.begin()
    with watch.companion(attempt()):
        pass

    assert watch.told(outcome()).seen_runs == SeenRuns()
    assert server.asked == [], "MLflow refuses a search in no experiment"


def test_time_is_in_milliseconds(monkeypatch):
    monkeypatch.setattr(run_ids.time, "time_ns", lambda: 1_795_663_686_163_999_999)
    assert run_ids._now() == 1_795_663_686_163
