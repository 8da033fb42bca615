"""`Variable.get` becomes a template where Airflow renders what it is given to, and only there."""

import ast

import pytest

from dagproof.rules import READING
from dagproof.rules.reader import Reader

HEAD = (
    "from airflow.sdk import Variable\n"
    "from airflow.providers.standard.operators.bash import BashOperator\n"
    "from airflow.providers.standard.operators.python import PythonOperator\n"
)


def edits(tmp_path, code):
    file = tmp_path / "dag.py"
    file.write_text(HEAD + code)
    reader = Reader(
        [tmp_path],
        tmp_path,
        read=lambda path: path.read_bytes(),
        show=lambda path: path.name,
        rules=[rule for rule in READING if rule.code == "DP104"],
        entries={file},
        names=None,
        keep=False,
    )
    reader.read(file)
    findings = reader.records[file].findings
    assert findings, "the lookup itself is a finding"
    return [edit for finding in findings for edit in finding.edits]


@pytest.mark.parametrize(
    "code",
    [
        'BashOperator(task_id="a", bash_command=Variable.get("path"))',
        'BashOperator(task_id="a", bash_command="x", env={"P": Variable.get("path")})',
        'PythonOperator(task_id="a", op_kwargs={"p": [1, (Variable.get("path"),)]})',
        'PythonOperator(task_id="a", op_args=[Variable.get("path")])',
    ],
)
def test_value_that_is_rendered_becomes_a_template(tmp_path, code):
    (edit,) = edits(tmp_path, code)

    line = code[: edit.span.column - 1] + edit.text + code[edit.span.end_column - 1 :]
    assert line == code.replace('Variable.get("path")', '"{{ var.value.path }}"')
    assert edit.span.line == 4
    ast.parse(line)


@pytest.mark.parametrize(
    "code",
    [
        'BashOperator(task_id=Variable.get("path"), bash_command="x")',
        'BashOperator(task_id="a", bash_command="ls " + Variable.get("path"))',
        'BashOperator(task_id="a", bash_command=Variable.get("path", default="x"))',
        'BashOperator(task_id="a", bash_command=Variable.get("path", deserialize_json=True))',
        'BashOperator(task_id="a", bash_command=Variable.get("a-b"))',
        'BashOperator(task_id="a", bash_command=Variable.get(name))',
        'PythonOperator(task_id="a", op_kwargs={"p": int(Variable.get("path"))})',
        'PATH = Variable.get("path")\nBashOperator(task_id="a", bash_command=PATH)',
        'Other(op_kwargs={"p": Variable.get("path")})',
        'def f():\n    return Variable.get("path")\n\nBashOperator(task_id="a", bash_command=f())',
        'BashOperator(env={"P": Variable.get("path")})  # render_template_as_native_obj',
    ],
)
def test_value_that_a_template_may_not_give_is_left_alone(tmp_path, code):
    assert edits(tmp_path, code) == []
