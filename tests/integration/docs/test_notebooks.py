"""The notebooks run, and print what stands in them."""

import os
import subprocess
import sys

import nbformat
import pytest
from unit.docs.blocks import ROOT

NOTEBOOKS = ROOT / "docs" / "notebooks"
NAMES = [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


def check(*arguments):
    """Have notebooks executed and compared; return the exit code and what was said."""
    # A session that ran before in this process may have left its variables behind.
    own = ("AIRFLOW", "AWS_", "DATA_ROOT", "ENV", "MLFLOW_")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "notebooks.py", "--check", *arguments],
        env={name: text for name, text in os.environ.items() if not name.startswith(own)},
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_there_are_the_four_of_the_seed():
    assert NAMES == [
        "01_airflow_setup.ipynb",
        "02_simple_dag.ipynb",
        "03_ml_pipeline_dag.ipynb",
        "04_advanced_orchestration.ipynb",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_prints_what_stands_in_it(name):
    code, said = check(name)
    assert code == 0, said


def test_notebook_that_prints_something_else_is_told(tmp_path):
    notebook = nbformat.v4.new_notebook()
    prints = "print('one')\nprint('  … slow')\nprint('took 0.25 s')"
    notebook.cells = [nbformat.v4.new_code_cell(prints)]
    output = nbformat.v4.new_output("stream", name="stdout", text="two\ntook 9.75 s\n")
    notebook.cells[0].outputs = [output]
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    code, said = check("--folder", str(tmp_path))
    assert code == 1
    assert "-two" in said
    assert "+one" in said
    assert "slow" not in said
    assert "took" not in "".join(line for line in said.splitlines() if line[:1] in "+-")


def test_notebook_that_fails_is_told(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    nbformat.write(notebook, tmp_path / "failing.ipynb")
    code, said = check("--folder", str(tmp_path))
    assert code != 0
    assert "ZeroDivisionError" in said
