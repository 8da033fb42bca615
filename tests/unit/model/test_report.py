"""A report is clean when every run in it is a success."""

import pytest

from dagproof.model import DagOutcome, Report, Tracking


def run(state):
    return DagOutcome("d", "run", state, (), 1.0)


@pytest.mark.parametrize(
    ("states", "clean"),
    [
        ((), True),
        (("success", "success"), True),
        (("success", "failed"), False),
        (("timeout", "success"), False),
    ],
)
def test_one_run_that_is_no_success_spoils_the_report(states, clean):
    assert Report(tuple(map(run, states))).clean is clean


def test_reports_do_not_share_their_timings():
    assert Report().timings is not Report().timings


def test_report_without_mlflow_tracks_nothing():
    assert Report().tracking == Tracking((), ())
