"""The runner of the tests does what GitHub's does."""

import pytest
from actions_runner import known_actions
from actions_runner.called import call
from actions_runner.expressions import UnknownExpressionError
from actions_runner.known_actions import Machine
from actions_runner.origin import Event, Origin
from actions_runner.runner import Runner
from actions_runner.workflows import cells, named


@pytest.fixture
def machine(tmp_path):
    event = Event("push", {"number": 1}, "refs/heads/main", "0" * 40)
    return Machine(tmp_path / "runner", tmp_path, event, {}, tmp_path / "tools")


@pytest.fixture
def run(machine):
    """Return how a job of these steps went."""

    def done(*steps, **job):
        return Runner(machine).run({"jobs": {"job": {"steps": list(steps), **job}}}, "job")

    return done


def test_a_step_after_a_failure_runs_only_where_it_asks_for_it(run):
    job = run(
        {"name": "first", "run": "exit 3"},
        {"name": "second", "run": "echo never"},
        {"name": "third", "if": "always()", "run": "echo always"},
        {"name": "fourth", "if": "failure()", "run": "echo failure"},
    )
    assert [one.conclusion for one in job.steps] == ["failure", "skipped", "success", "success"]
    assert (job.conclusion, job.steps[0].exit_code) == ("failure", 3)


def test_a_script_ends_at_its_first_failure(run):
    job = run({"run": "false\necho went on"})
    assert (job.conclusion, job.steps[0].output) == ("failure", "")


def test_a_failure_in_a_pipe_counts_where_the_shell_is_named(run):
    pipe = {"run": "false | cat"}
    assert run(pipe).conclusion == "success"
    assert run({**pipe, "shell": "bash"}).conclusion == "failure"
    assert run(pipe, defaults={"run": {"shell": "bash"}}).conclusion == "failure"


def test_steps_hand_over_outputs_variables_and_paths(run, tmp_path):
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho tool\n")
    tool.chmod(0o755)
    job = run(
        {"id": "one", "run": f'echo "a=1" >>"$GITHUB_OUTPUT"; echo "{tmp_path}" >>"$GITHUB_PATH"'},
        {"run": 'echo "B=2" >>"$GITHUB_ENV"; echo words >>"$GITHUB_STEP_SUMMARY"'},
        {"run": 'echo "$A $B ${C:-unset}"; tool', "env": {"A": "${{ steps.one.outputs.a }}"}},
        outputs={"b": "${{ env.B }}"},
    )
    assert job.steps[2].output == "1 2 unset\ntool\n", job.log
    assert (job.summary, job.outputs) == ("words\n", {"b": "2"})


def test_nothing_of_the_one_who_runs_the_tests_is_there(run, monkeypatch):
    monkeypatch.setenv("AIRFLOW_HOME", "/mine")
    job = run({"run": 'echo "$HOME ${AIRFLOW_HOME:-none} $CI $GITHUB_ACTIONS $GITHUB_EVENT_NAME"'})
    home, *others = job.steps[0].output.split()
    assert home.endswith("/runner/home")
    assert others == ["none", "true", "true", "push"]


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        ({"uses": "someone/else@v1"}, AssertionError, "someone/else@v1 is not known"),
        ({"uses": "actions/checkout"}, AssertionError, "actions/checkout is not known"),
        ({"run": "true", "continue-on-error": True}, AssertionError, "continue-on-error"),
        ({"run": "true", "shell": "pwsh"}, KeyError, "pwsh"),
        ({"run": "${{ steps.none.outputs.x }}"}, UnknownExpressionError, "steps.none"),
        (
            {"uses": "actions/cache@v1", "with": {"lookup-only": True}},
            AssertionError,
            "lookup-only",
        ),
        ({"uses": "$/", "with": {"nothing": 1}}, AssertionError, "nothing"),
    ],
)
def test_what_is_not_known_is_an_error(run, step, error, said):
    with pytest.raises(error, match=said):
        run(step)


def test_an_output_that_a_step_has_not_written_is_an_error(run):
    with pytest.raises(UnknownExpressionError, match=r"steps\.one\.outputs\.b"):
        run({"id": "one", "run": "true"}, {"run": "echo ${{ steps.one.outputs.b }}"})


def test_a_workflow_is_not_given_more_than_its_caller_has(machine):
    caller = {"uses": "$/.github/workflows/dag-gate.yml", "permissions": {}}
    with pytest.raises(AssertionError, match="asks for contents: read"):
        call(machine, caller)


@pytest.mark.parametrize("given", [{"pyhton-version": "3.12"}, {"sarif": "true"}])
def test_a_workflow_refuses_inputs_that_it_does_not_have(machine, given):
    caller = {
        "uses": "dagproof/dagproof/.github/workflows/dag-gate.yml@v1",
        "permissions": {"contents": "read"},
        "with": given,
    }
    with pytest.raises(AssertionError, match=r"pyhton-version|sarif"):
        call(machine, caller)


def test_a_matrix_is_unfolded_without_what_it_excludes():
    found = cells(named("ci")["jobs"]["unit"])
    assert {"python": "3.11", "airflow": "3.0"} in found
    assert {"python": "3.13", "airflow": "3.0"} not in found
    assert cells({}) == [{}]


@pytest.mark.parametrize(("depth", "commits"), [(1, "1"), (0, "3")])
def test_a_pull_request_is_checked_out_as_its_merge(tmp_path, depth, commits):
    origin = Origin(tmp_path / "github")
    for name in ("one", "two"):
        (origin.tree / name).write_text(name)
        origin.pushed("main" if name == "one" else "change", name)
    event = origin.pull_request("change")
    machine = Machine(tmp_path / "runner", origin.bare, event, {}, tmp_path)
    step = {
        "uses": "actions/checkout@v1",
        "with": {"fetch-depth": depth, "persist-credentials": False},
    }
    ask = {"run": "git rev-list --count HEAD; git rev-parse HEAD; git branch -r | xargs"}
    job = Runner(machine).run({"jobs": {"job": {"steps": [step, ask]}}}, "job")
    count, head, *branches = job.steps[1].output.splitlines()
    assert (head, count) == (event.sha, commits), job.log
    assert ("origin/main" in " ".join(branches)) is (depth == 0)


def test_an_artifact_has_no_hidden_files(machine):
    folder = machine.workspace / "report"
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("*")
    (folder / "a.txt").write_text("a")
    known_actions.KNOWN["actions/upload-artifact"](machine, {"name": "x", "path": "report"})
    assert [one.name for one in machine.artifacts["x"].iterdir()] == ["a.txt"]
