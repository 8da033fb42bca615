"""Code that reaches beyond the services of a run is refused, and told by what it does."""

from pathlib import Path

import pytest

from dagproof.onboarding.refusals import imported, refusal, refused_import
from dagproof.source.file import parse


def why(text):
    return refusal(parse(Path("/r/dags/a.py"), "a.py", text.encode()))


@pytest.mark.parametrize(
    "name",
    [
        "json", "os.path", "os.getenv", "os", "datetime.datetime", "numpy", "pandas.DataFrame",
        "sklearn.linear_model", "mlflow", "pyarrow.parquet", "airflow.sdk.dag", "airflow.DAG",
        "airflow.sdk.exceptions.AirflowSkipException", "airflow.utils.trigger_rule.TriggerRule",
        "airflow.providers.standard.operators.python.PythonOperator",
    ],
)  # fmt: skip
def test_library_that_reaches_for_nothing_may_be_imported(name):
    assert refused_import(name) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("subprocess", "imports `subprocess`"),
        ("shutil.rmtree", "imports `shutil`"),
        ("socket", "imports `socket`"),
        ("urllib.request.urlopen", "imports `urllib`"),
        ("ctypes", "imports `ctypes`"),
        ("importlib", "imports `importlib`"),
        ("tempfile", "imports `tempfile`"),
        ("os.remove", "uses `os.remove`"),
        ("logging.handlers.X", "imports `logging.handlers`"),
        ("requests", "imports `requests`"),
        ("boto3.client", "imports `boto3`"),
        ("mlflow.projects.run", "imports `mlflow.projects`"),
        ("scipy.io.loadmat", "imports `scipy.io`"),
        ("airflow", "uses `airflow`"),
        ("airflow.sdk.Variable", "uses `airflow.sdk.Variable`"),
        ("airflow.sdk.BaseHook", "uses `airflow.sdk.BaseHook`"),
        ("airflow.sdk", "uses `airflow.sdk`"),
        ("airflow.providers.amazon.aws.x.Y", "uses `airflow.providers.amazon.aws.x.Y`"),
        ("airflow.providers.standard.operators.bash.B",
         "uses `airflow.providers.standard.operators.bash.B`"),
        ("airflow.providers.standard.operators.python.PythonVirtualenvOperator",
         "uses `airflow.providers.standard.operators.python.PythonVirtualenvOperator`"),
        ("airflow.operators.bash.BashOperator", "uses `airflow.operators.bash.BashOperator`"),
    ],
)  # fmt: skip
def test_library_that_may_reach_out_is_refused(name, told):
    assert refused_import(name) == told


def test_imports_are_found_everywhere_also_in_functions():
    source = parse(
        Path("/r/a.py"), "a.py",
        b"import a.b\ndef f():\n    from d import e, g\n    from . import h\nfrom .i import *\n",
    )  # fmt: skip

    assert sorted(name for name, _ in imported(source)) == [".h", ".i", "a.b", "d.e", "d.g"]


@pytest.mark.parametrize(
    "text",
    [
        '"""Docs: https://airflow.test"""\n',
        'from airflow.sdk import DAG\nDAG("a", doc_md="see https://x.test", description="s3://b")',
        "import os\nos.getenv('A', 'b')\nos.path.join('a', 'b')\nos.environ.get('A')",
        "import os\nos.environ['A'] = 'b'",
        "'a-b'.replace('-', '_')",
        "from datetime import datetime\ndatetime.now().replace(tzinfo=None)",
        "import re\nP = re.compile('a')",
        "import time\ntime.sleep(1)",
        "from airflow.sdk import Param\nParam(1)\nParam(default=2)\nParam(None)",
        "from airflow.sdk import Param\nParam(None, type=['null', 'string'])",
        "from airflow.sdk import dag\n@dag(schedule=None)\ndef a(x=1, *, y=2): ...",
        "from airflow.sdk import task\n@task.branch\ndef b(): ...",
        "from airflow.sdk import task\n@task(retries=1)\ndef b(): ...",
        "from airflow.sdk import task\n@task.short_circuit()\ndef c(): ...",
        "from airflow.sdk import task\n@task(pool='default_pool')\ndef b(): ...",
        "from sklearn.datasets import load_iris\nload_iris()",
        "import numpy as np\nnp.zeros(3).mean()",
        "X = '{{ params.a }} {{ ds }}'",
        "import sys\nsys.path.append('x')",
        "print('models:/a/1', 'a:b')",
    ],
)
def test_plain_code_is_not_refused(text):
    assert why(text) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 'https://rates.test/a'", "names `https://rates.test/a`"),
        ("x = f's3://{b}/c'", "names `s3://`"),
        ("x = 'postgresql+psycopg2://u:p@h/d'", "names `postgresql+psycopg2://u:p@h/d`"),
        ("x = 'http://" + "a" * 90 + "'", "names `http://" + "a" * 33 + "`"),
        ("x = '{{ conn.db.host }}'", "takes `conn.db.host` from Airflow"),
        ("x = '{{ var.value.key }}'", "takes `var.value.key` from Airflow"),
        ("x = '{{ dag_run.conf.x }}'", "takes `dag_run.conf`"),
        ("def f(dag_run): return dag_run.conf['x']", "takes `dag_run.conf`"),
        ("import os\nos.remove('x')", "uses `os.remove`"),
        ("import os as o\no.system('x')", "uses `os.system`"),
        ("import os\nf = os.unlink", "uses `os.unlink`"),
        ("import os\no = os\no.remove('x')", "passes `os` on"),
        ("import os\ngetattr(os, 'rem' + 'ove')('x')", "passes `os` on"),
        ("import sys\nsys.modules['os'].remove('x')", "uses `sys.modules`"),
        ("import os\nos.environ['A']", "needs a variable of the environment"),
        ("open('x')", "calls `open()`"),
        ("f = open", "uses `open`"),
        ("import io\nio.open('x')", "calls `open()`"),
        ("from pathlib import Path\nPath('x').open()", "calls `open()`"),
        ("from pathlib import Path\nPath('x').read_text()", "calls `read_text()`"),
        ("from pathlib import Path\nPath('x').unlink()", "calls `unlink()`"),
        ("from pathlib import Path\nPath('x').replace('y')", "calls `replace()`, which may"),
        ("import pandas as pd\npd.read_csv('x')", "calls `read_csv()`"),
        ("import pandas as pd\npd.DataFrame().to_parquet('x')", "calls `to_parquet()`"),
        ("import polars as pl\npl.scan_parquet('x')", "calls `scan_parquet()`"),
        ("import numpy as np\nnp.save('x', 1)", "calls `save()`"),
        ("import pandas as pd\npd.io.sql", "uses `pandas.io.sql`"),
        ("import mlflow\nmlflow.run('x')", "uses `mlflow.run`"),
        ("import mlflow\nmlflow.set_tracking_uri(x)", "calls `set_tracking_uri()`"),
        ("from mlflow import MlflowClient as M\nM(tracking_uri=x)", "gives `tracking_uri`"),
        ("import logging\nlogging.FileHandler('x')", "calls `FileHandler()`"),
        ("import logging\nlogging.basicConfig(filename='x')", "gives `filename`"),
        ("from sklearn.datasets import fetch_openml\nfetch_openml('x')", "calls `fetch_openml()`"),
        ("client.delete_bucket('x')", "calls `delete_bucket()`"),
        ("exec('x')", "uses `exec`"),
        ("__import__('os')", "uses `__import__`"),
        ("globals()['x']()", "uses `globals`"),
        ("import time\ntime.sleep(600)", "sleeps"),
        ("import time\ntime.sleep(x)", "sleeps"),
        ("import time\ntime.sleep()", "sleeps"),
        ("from airflow.sdk import Param\nParam(type='integer')", "has a Param without a default"),
        ("from airflow.sdk import Param\nParam(None, type='integer')", "has a Param without"),
        ("from airflow.sdk import dag\n@dag()\ndef a(x): ...", "has a Param without a default"),
        ("from airflow.sdk import dag\n@dag()\ndef a(*, x): ...", "has a Param without a default"),
        ("from airflow.sdk import task\n@task.bash\ndef a(): ...", "uses `@task.bash`"),
        ("from airflow.sdk import task as t\n@t.sensor(poke_interval=1)\ndef a(): ...",
         "uses `@task.sensor`"),
        ("from airflow.decorators import task\n@task.docker(image='x')\nasync def a(): ...",
         "uses `@task.docker`"),
        ("f(pool='gpu')", "uses a pool"),
        ("f(pool=x)", "uses a pool"),
        ("f(end_date=x)", "gives `end_date`"),
        ("def (", "a.py is no Python"),
    ],
)  # fmt: skip
def test_code_that_may_reach_out_is_refused_by_what_it_does(text, told):
    assert why(text).startswith(told)
    assert why(text).count("\n") == 0
