"""A value that varies is only told of where it can define a DAG."""

from pathlib import Path

import pytest
from linting import linted

HEAD = "import logging, uuid\nfrom datetime import datetime\nfrom airflow.sdk import DAG, task\n"
NOW = "NOW = datetime.now()\n"


@pytest.mark.parametrize(
    "program",
    [
        f"{NOW}",
        f"{NOW}def f(): return NOW\n",
        f"{NOW}@task\ndef f(): return NOW\nwith DAG('x'): f()\n",
        f"{NOW}f = lambda: NOW\n",
        f"{NOW}async def f(): return NOW\n",
        f"{NOW}print(NOW)\n",
        f"{NOW}logging.getLogger('x').info('at %s', NOW)\n",
        f"{NOW}NOW = 1\n",
        "NOW = datetime.now().strftime('%Y')\n@task\ndef f(): return NOW\n",
        "NOW = str(datetime.now())\n",
        "NOW = int(datetime.now().timestamp()) // 3600\n",
        "NOW = f'run-{uuid.uuid4()}'\n",
        "NOW = 'a' + str(uuid.uuid4())[:8]\n",
        "print(datetime.now())\n",
        f"{NOW}def f(x=NOW): pass\n",
        f"{NOW}def f(*, x=NOW): pass\n",
        f"{NOW}f = lambda x=NOW: x\n",
        f"{NOW}class C: x = NOW\n",
        "NOW = [datetime.now()]\n",
        "if DAG:\n    NOW = datetime.now()\n",
        "def f(x=datetime.now()): pass\n",
        "def f(): return datetime.now()\n",
    ],
)
def test_what_only_tasks_use_is_not_told(program: str, tmp_path: Path) -> None:
    assert linted(tmp_path, {"dag.py": HEAD + program}, select=["DP111"]) == []


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (f"{NOW}DAG(NOW)\n", 4),
        (f"{NOW}with DAG('x', start_date=NOW): pass\n", 4),
        (f"{NOW}def f(): return NOW\nDAG(f())\n", 4),
        (f"{NOW}def f(x=NOW): DAG(x)\nf()\n", 4),
        (f"{NOW}def f(*, x=NOW): DAG(x)\nf()\n", 4),
        (f"{NOW}f = lambda x=NOW: DAG(x)\nf()\n", 4),
        (f"{NOW}@task(retries=NOW)\ndef f(): pass\n", 4),
        (f"{NOW}x = y = NOW\nDAG(y)\n", 4),
        (f"{NOW}f = lambda: NOW\nDAG(f())\n", 4),
        (f"{NOW}print('x'), DAG(NOW)\n", 4),
        ("DAG(str(uuid.uuid4()))\n", 4),
        ("NOW = [datetime.now()]\nDAG(NOW)\n", 4),
        ("NOW = ONE = datetime.now()\n", 4),
        ("NOW, ONE = datetime.now(), 1\n", 4),
        ("NOW = DAG(datetime.now())\n", 4),
        ("def f(): return datetime.now()\nNOW = f()\nDAG(NOW)\n", 4),
        ("NOW = f'run-{uuid.uuid4()}'\nDAG(NOW)\n", 4),
        ("if DAG:\n    NOW = datetime.now()\nDAG(NOW)\n", 5),
    ],
)
def test_what_code_uses_at_import_is_told(program: str, line: int, tmp_path: Path) -> None:
    found = linted(tmp_path, {"dag.py": HEAD + program}, select=["DP111"])
    assert found == [("dag.py", line, "DP111")]


def test_what_another_module_does_is_told(tmp_path: Path) -> None:
    files = {
        "dag.py": f"{HEAD}import helper\nNOW = helper.now()\n",
        "helper.py": "from datetime import datetime\ndef now(): return datetime.now()\n",
    }
    assert linted(tmp_path, files, select=["DP111"]) == [("helper.py", 2, "DP111")]
