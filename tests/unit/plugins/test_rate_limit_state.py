"""A limit refuses what it cannot keep, and keeps what others with other limits have written."""

import errno
import json
import logging

import pytest

from mlops import local_files, rate_limit, task_context
from mlops.rate_limit import RateLimit, RateLimitError, acquire
from mlops.storage import StorageError


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self, now=1_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": 0}, {"calls": -1}, {"calls": "20"}, {"calls": 2.5}, {"calls": None},
        {"calls": True}, {"window": 0}, {"window": "60"}, {"window": float("inf")},
        {"window": float("nan")}, {"grace": -1}, {"grace": float("nan")},
        {"grace": float("inf")}, {"name": None}, {"name": 3},
    ],
)  # fmt: skip
def test_what_is_no_limit_is_one_sentence(wrong):
    with pytest.raises(RateLimitError, match=r"^`.*` .*; (give|use) .*\.$"):
        RateLimit(**wrong)


def test_another_limit_does_not_make_this_one_forget_its_calls(clock):
    wide = RateLimit(calls=5, window=60, clock=clock, sleep=clock.sleep)
    narrow = RateLimit(calls=2, window=1, clock=clock, sleep=clock.sleep)
    starts = []
    for limit in [wide] * 5 + [narrow] * 3 + [wide] * 5:
        acquire(limit)
        starts.append((clock.now, limit))
    later = [now for now, limit in starts if limit is wide and now > 1_000.0]
    assert min(later) >= 1_060.0, "five calls of the first second fill its minute"


@pytest.mark.parametrize(
    "starts", ["[1764000000000]", "[NaN]", "[Infinity]", "[true]", '["a"]', "[null]"]
)
def test_moment_that_is_none_is_told(data_root, starts):
    folder = data_root / "rate_limit"
    folder.mkdir(parents=True)
    (folder / "mlflow_api.json").write_text(f'{{"calls": 1, "taken": 1, "starts": {starts}}}')
    with pytest.raises(StorageError, match=r"is no state .* `python -m mlops.rate_limit"):
        acquire(RateLimit())


def test_disk_that_is_full_is_left_as_it_was(data_root, monkeypatch):
    acquire(RateLimit())
    before = rate_limit.state()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(local_files, "appear", full)
    with pytest.raises(StorageError, match=r"No space left on device\); free space there"):
        acquire(RateLimit())
    assert rate_limit.state() == before
    left = {path.name for path in (data_root / "rate_limit").iterdir()}
    assert left == {"mlflow_api.json", "mlflow_api.json.lock"}


@pytest.mark.parametrize(("behind", "told"), [(0.4, False), (30.0, True)])
def test_clock_that_is_behind_is_told(clock, caplog, behind, told):
    acquire(RateLimit(clock=clock, sleep=clock.sleep))
    clock.now -= behind
    with caplog.at_level(logging.WARNING):
        acquire(RateLimit(clock=clock, sleep=clock.sleep))
    assert (f"is {behind} s behind" in caplog.text) is told


def test_state_of_an_earlier_release_is_read(data_root, clock):
    folder = data_root / "rate_limit"
    folder.mkdir(parents=True)
    text = json.dumps({"calls": 1, "window": 60.0, "taken": 4, "starts": [990.0]})
    (folder / "mlflow_api.json").write_text(text)
    limit = RateLimit(calls=1, clock=clock, sleep=clock.sleep)
    assert acquire(limit) == 51.0
    assert rate_limit.state()["taken"] == 5


def test_first_use_of_stats_does_not_delay_the_call(clock, monkeypatch, task):
    try:
        from airflow.sdk.observability.stats import Stats
    except ImportError:
        from airflow.stats import Stats
    assert task_context.current() is task
    monkeypatch.setattr(Stats, "incr", lambda *_, **__: clock.sleep(5.0), raising=False)
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    assert acquire(limit) == 0.0
    assert rate_limit.state()["starts"] == [clock.now], "it looks up its host before, not after"
