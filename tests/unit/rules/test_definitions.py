"""What a module defines is known, or it is said that it is not."""

from pathlib import Path

import pytest

from dagproof.rules.definitions import Definitions, definitions
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.reading import Reading
from dagproof.source.file import parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder

HEAD = """\
from airflow.sdk import DAG, BaseOperator, dag, task
from airflow.providers.standard.operators.empty import EmptyOperator
"""
OWN = """\
class Own(BaseOperator):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
"""
CAREFUL = """\
from functools import wraps

def careful(function):
    @wraps(function)
    def called():
        return function()

    return called
"""


def defined(folder: Path, text: str, **others: str) -> Definitions:
    for name, inner in {"dag": HEAD + text, **others}.items():
        (folder / f"{name}.py").write_text(inner)
    interpreter = Interpreter(
        Finder([folder], folder, LIBRARIES),
        lambda found: parse(found, found.name, found.read_bytes()),
        watched,
    )
    unit = interpreter.module(folder / "dag.py")
    assert unit.source is not None
    return definitions(Reading(unit, unit.source))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('DAG("a")', ["a"]),
        ('NAME = "a"\nDAG(dag_id=NAME)', ["a"]),
        ('TEAM = "x"\nDAG(f"{TEAM}_a")', ["x_a"]),
        ("@dag\ndef a():\n    pass\na()", ["a"]),
        ('@dag(dag_id="b")\ndef a():\n    pass\na()', ["b"]),
        ('def make(name):\n    return DAG(name)\none = make("a")\ntwo = make("b")', ["a", "b"]),
        ("import os\nDAG(os.environ['NAME'])", [None]),
        ("DAG(**OPTIONS)", [None]),
    ],
)
def test_ids_of_dags_are_followed(text: str, ids: list[str | None], tmp_path: Path) -> None:
    found = defined(tmp_path, text)
    assert [made.id for made in found.dags] == ids
    assert found.dags_known is (None not in ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('EmptyOperator(task_id="a")', {"a"}),
        ('EmptyOperator.partial(task_id="a").expand(x=[1])', {"a"}),
        ("@task\ndef a():\n    pass\na()", {"a"}),
        ('@task(task_id="b")\ndef a():\n    pass\na()', {"b"}),
        ('@task\ndef a():\n    pass\na.override(task_id="b")()', {"b"}),
        ('@task\ndef a():\n    pass\na.override(task_id="b").expand(x=[1])', {"b"}),
        ("@task\ndef a(x):\n    pass\na.partial(y=1).expand(x=[1])", {"a"}),
        ('class Own(BaseOperator):\n    pass\nOwn(task_id="a")', {"a"}),
        (OWN + 'Own(task_id="a")', {"a"}),
        ('from helpers import make\nmake("a")', {"a"}),
        ("from helpers import careful\n@task\n@careful\ndef a():\n    pass\na()", {"a"}),
        (
            'from helpers import careful\n@task(task_id="b")\n@careful\ndef a():\n    pass\na()',
            {"b"},
        ),
    ],
)
def test_ids_of_tasks_are_followed(text: str, ids: set[str], tmp_path: Path) -> None:
    helper = HEAD + "def make(name):\n    return EmptyOperator(task_id=name)\n" + CAREFUL
    found = defined(tmp_path, f'dag = DAG("d")\n{text}', helpers=helper)
    assert found.task_ids == ids
    assert found.tasks_known


@pytest.mark.parametrize(
    "text",
    [
        'for x in range(3):\n    EmptyOperator(task_id=f"a_{x}")',
        'for x in ("a", "b"):\n    EmptyOperator(task_id=x)',
        "EmptyOperator(**OPTIONS)",
        "@task\ndef a():\n    pass\nb = a.override(task_id='b')\nb()",
        "from company import Extract\nExtract('a')",
        "from company import *\nextract('a')",
        "from company import Extract\nclass Own(Extract):\n    pass\nOwn(task_id='a')",
        "from helpers import Own\nOwn(task_id='a')",
        OWN.replace("super()", "super(Own, self)") + "Own(task_id='a')",
        "def make(x):\n    EmptyOperator(task_id=x)\n"
        + "".join(f'make("{number}")\n' for number in range(9)),
    ],
)
def test_tasks_that_are_not_seen_are_not_claimed_to_be(text: str, tmp_path: Path) -> None:
    helper = "from company import Extract\nclass Own(Extract):\n    pass\n"
    assert not defined(tmp_path, f'dag = DAG("d")\n{text}', helpers=helper).tasks_known


def test_ids_of_one_file_are_not_taken_for_those_of_another(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(HEAD + "def make(name):\n    return DAG(name)\n")
    interpreter = Interpreter(
        Finder([tmp_path], tmp_path, LIBRARIES),
        lambda found: parse(found, found.name, found.read_bytes()),
        watched,
    )
    for number in range(12):
        path = tmp_path / f"dag_{number}.py"
        path.write_text(f'from helpers import make\nmake("load_{number}_")\n')
        unit = interpreter.module(path)
        assert unit.source is not None
        [made] = definitions(Reading(unit, unit.source)).dags
        assert made.id in (f"load_{number}_", None)


def test_a_constant_from_elsewhere_is_no_class_that_makes_tasks(tmp_path: Path) -> None:
    text = 'from company import DEFAULTS\ndag = DAG("d", default_args=DEFAULTS)'
    assert defined(tmp_path, text).tasks_known


def test_an_unseen_factory_of_dags_leaves_them_unknown(tmp_path: Path) -> None:
    assert not defined(tmp_path, "from company import create_dag\ncreate_dag()").dags_known
