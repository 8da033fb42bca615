"""The one required check is green only where every job succeeded."""

import pytest
from actions_runner.known_actions import Machine
from actions_runner.origin import Event
from actions_runner.runner import Runner
from actions_runner.workflows import named, needed

CI = named("ci")
JOBS = needed(CI["jobs"]["gate"])


@pytest.fixture
def verdict(tmp_path):
    """Return how the gate ends where jobs ended so; success where nothing is said."""

    def told(**results):
        event = Event("push", {}, "refs/heads/main", "0" * 40)
        machine = Machine(tmp_path, tmp_path, event, {}, tmp_path)
        needs = {one: {"result": results.get(one, "success"), "outputs": {}} for one in JOBS}
        return Runner(machine).run(CI, "gate", needs=needs)

    return told


def test_is_green_where_all_succeeded(verdict):
    job = verdict()
    assert job.conclusion == "success", job.log


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
@pytest.mark.parametrize("name", JOBS)
def test_is_red_where_one_did_not(verdict, name, result):
    job = verdict(**{name: result})
    assert job.conclusion == "failure"
    assert result in job.steps[-1].output
