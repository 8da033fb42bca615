"""What is told between processes comes back as it was."""

import stat
from pathlib import Path

from dagproof.cluster.plan import Plan
from dagproof.cluster.record import MemberRecord, Record

RECORD = Record(
    root="/r",
    pid=7,
    url="http://127.0.0.1:1",
    user="admin",
    password="hush",
    broker="redis",
    logs="/l",
    task_logs="/t",
    seconds=1.5,
    members=(MemberRecord("scheduler", 8, "/l/scheduler.log", 2),),
    environment={"A": "b"},
)


def test_plan_comes_back_from_one_line():
    plan = Plan(Path("/r"), Path("/f"), 8080, 3, 4, "redis", "embedded", {"A": "x\ny"})

    assert "\n" not in plan.to_json()
    assert Plan.from_json(plan.to_json()) == plan


def test_record_comes_back_and_is_read_by_its_owner_alone(tmp_path):
    path = tmp_path / "cluster.json"
    assert Record.read(path) is None

    RECORD.write(path)
    RECORD.write(path)

    assert Record.read(path) == RECORD
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_record_does_not_show_secrets_by_chance():
    assert "hush" not in repr(RECORD)
