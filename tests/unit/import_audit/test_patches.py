"""Text that may change a library is told from text that does not."""

from pathlib import Path

import pytest

from dagproof.import_audit.patches import Patches


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a.py"


@pytest.mark.parametrize(
    "text",
    [
        "import requests\nrequests.get = None\n",
        "import requests as r\nr.get = None\n",
        "from airflow import settings\nsettings.x.y = 1\n",
        "from airflow.sdk import DAG, task\n    task.bash = None\n",
        "import os\nif 1:\n    os.path.join = print\n",
        "import os\nos.path.sep: str = '/'\n",
        "import os, sys\nsys.argv = []\n",
        "from airflow import (\n    a,\n    settings,  # (this one)\n)\nsettings.x = 1\n",
        "from airflow import (  # noqa\n    settings,\n)  # noqa\nsettings.x = 1\n",
        "from airflow import a, \\\n    settings\nsettings.x = 1\n",
        "from . import settings\nsettings.x = 1\n",
        "setattr(x, 'y', 1)\n",
        "from unittest import mock\nmock.patch('a.b').start()\n",
        "with patch.object(a, 'b'): pass\n",
        "vars(a)['b'] = 1\n",
        "a.__dict__.update(b=1)\n",
        "import builtins\n",
    ],
)
def test_file_that_may_change_what_it_imports(file, text):
    file.write_text(text, "utf-8")

    assert Patches().may_be_in(str(file))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import requests\nx = requests.get\n",
        "import requests\nif requests.get == 1: pass\n",
        "import requests\nrequests.get == 1\n",
        "import requests\nself.x = 1\n",
        "import os\nos.environ['A'] = '1'\n",
        "dag.doc_md = __doc__\n",
        "from airflow.sdk import (\n    DAG,\n)\ndag.doc_md = __doc__\n",
        "import os\ndag.os = 1\n",
        "from airflow.sdk import DAG\n\nwith DAG('a') as dag:\n    dag.x = 1\n",
    ],
)
def test_file_that_changes_nothing_of_what_it_imports(file, text):
    file.write_text(text, "utf-8")

    assert not Patches().may_be_in(str(file))


def test_file_that_nobody_can_read_may_change_everything(tmp_path):
    assert Patches().may_be_in(str(tmp_path / "gone.py"))
    assert Patches().may_be_in(str(tmp_path / "a.zip" / "a.py"))


def test_file_that_is_no_text_is_read_all_the_same(file):
    file.write_bytes(b"\xff\xfe setattr(")

    assert Patches().may_be_in(str(file))


def test_file_is_read_once(file):
    file.write_text("x = 1\n", "utf-8")
    patches = Patches()
    assert not patches.may_be_in(str(file))

    Path(file).write_text("import builtins\n", "utf-8")
    assert not patches.may_be_in(str(file))
    assert Patches().may_be_in(str(file))
