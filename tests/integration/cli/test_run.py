"""`dagproof run` and `dagproof services`, whole processes among real services."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from fixtures.tlc import write_month

REPOSITORY = Path(__file__).parents[2] / "fixtures" / "repos" / "runner"
MODEL = "taxi-duration-green"


def until_line(process, text):
    """Read the process's lines up to the one that holds a text."""
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"{text!r} never came; it said: {process.stderr.read()}")


def leftovers(shell):
    """Return the processes that work in the tests' cache folder, and the scratch homes."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if shell["DAGPROOF_CACHE"] in (entry / "cmdline").read_text():
                found.append(entry.name)
        except OSError:
            continue
    return found + [path.name for path in Path(shell["TMPDIR"]).glob("dagproof-airflow-*")]


def gone(shell, seconds=20):
    deadline = time.monotonic() + seconds
    while (left := leftovers(shell)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left == []


def test_a_run_exits_with_0_and_leaves_nothing(dagproof, shell):
    code, out, err = dagproof("run", "retries", cwd=REPOSITORY)

    assert code == 0, err
    assert "✓ retries: success" in out
    assert gone(shell), leftovers(shell)


def test_json_stands_alone_and_tells_the_whole_run(dagproof):
    code, out, _ = dagproof("run", "retries", "--format", "json", cwd=REPOSITORY)

    document = json.loads(out)
    assert code == 0
    assert (document["version"], document["findings"], document["errors"]) == (1, [], [])
    [run] = document["runs"]
    assert run["state"] == "success"
    [total] = [task for task in run["tasks"] if task["task_id"] == "total"]
    assert total["xcoms"] == {"return_value": 12}


def test_a_failed_run_exits_with_1_its_own_traceback_and_where_it_failed(dagproof):
    code, out, _ = dagproof("run", "failures", cwd=REPOSITORY)

    assert code == 1
    traceback, _, finding = out.partition("\n\ndags/failures.py:")
    assert traceback.endswith("ValueError: the reading is negative\nand so is the second line")
    assert " DP401 failed-task  error\n  Task `breaks` failed: ValueError: the reading" in finding


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "retrys"), "Did you mean `retries`?"),
        (("run", "params", "--conf", '{"month": 13}'), "13 is greater than the maximum of 12"),
        (("run", "params", "--conf", "[1]"), "must be a JSON object"),
        (("run", "nowhere.py"), "There is no file nowhere.py."),
    ],
)
def test_a_wrong_question_exits_with_2_and_one_sentence(dagproof, arguments, sentence):
    code, out, err = dagproof(*arguments, cwd=REPOSITORY)

    assert code == 2
    assert sentence in err
    assert "Traceback" not in out + err


def test_a_file_that_does_not_import_exits_with_1_and_says_so_once(dagproof):
    code, out, err = dagproof("run", "broken", cwd=REPOSITORY)

    assert code == 1
    assert (out + err).count("Traceback") == 1
    assert "No module named 'a_module_that_nobody_has'" in err


def test_a_thread_that_outlives_its_task_does_not_keep_the_command(dagproof, shell):
    code, out, err = dagproof("run", "strange", cwd=REPOSITORY)

    assert code == 0, err
    assert "still heard" in out
    assert out.rstrip().splitlines()[-1].strip().startswith("leaves: thread stray")
    assert "dagproof: ended while threads still ran: stray." in err
    assert gone(shell), leftovers(shell)


def test_a_task_that_ends_its_process_with_0_is_a_failed_run(dagproof):
    code, out, _ = dagproof("run", "vanishes", "--format", "json", cwd=REPOSITORY)

    [run] = json.loads(out)["runs"]
    assert code == 1
    assert run["state"] == "failed"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)]
)
def test_a_signal_in_the_middle_of_a_task_leaves_no_process(start, shell, number, code):
    process = start("run", "hangs", cwd=REPOSITORY)
    until_line(process, "… waits")
    os.killpg(process.pid, number)

    assert process.wait(timeout=20) == code
    process.communicate()
    if number == signal.SIGKILL:
        homes = list(Path(shell["TMPDIR"]).glob("dagproof-airflow-*"))
        assert len(homes) == 1, "it had no time to remove its scratch home"
        start("run", "retrys", cwd=REPOSITORY).communicate(timeout=60)
    assert gone(shell), leftovers(shell)


@pytest.fixture
def warm(dagproof):
    """Services that stay up, and their environment."""
    code, out, err = dagproof("services", "up")
    assert code == 0, err
    lines = (line.removeprefix("export ").partition("=") for line in out.splitlines())
    yield {name: value.strip("'") for name, _, value in lines}
    dagproof("services", "down")


def test_a_run_killed_in_the_middle_of_training_is_made_good_by_the_next(
    start, dagproof, warm, shell, tmp_path
):
    from dagproof.services import tracking

    write_month(tmp_path / "green_tripdata_2023-01.parquet", rows=20_000)
    source = f"{tmp_path.as_uri()}/{{colour}}_tripdata_{{year}}-{{month:02d}}.parquet"
    question = ("run", "mlops_taxi_dag", "--conf", '{"year": 2023, "month": 1}')
    killed = start(*question, env={"TAXI_SOURCE": source})
    until_line(killed, "train_and_log_model")  # named after two seconds: MLflow is being imported
    time.sleep(2)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -9

    for _ in range(2):
        code, _, err = dagproof(*question, env={"TAXI_SOURCE": source})
        assert code == 0, err

    held = tracking(warm)
    [champion] = [version for version in held.versions if "champion" in version.aliases]
    assert champion.name == MODEL
    finished = [run for run in held.runs if run.status == "FINISHED"]
    for name in ("linear", "boosted"):
        scores = {run.metrics["validation_rmse"] for run in finished if run.name == name}
        assert len(scores) == 1, "every run that ended found the same"

    assert dagproof("services", "down")[0] == 0
    assert gone(shell), leftovers(shell)
