"""Makes DAG files like those of real repositories: the same ones each time, about 4 kB each.

Four kinds, as they are found in public repositories: TaskFlow, classic operators, factories that
share a package of helpers, and ML pipelines. One file in
eight does at import what it should not.
"""

# ruff: noqa: Q001, S608 - Python files with """ and SQL are written here, and nothing of it is run

import random
from pathlib import Path

TEAMS = ("billing", "growth", "search", "risk", "pricing", "logistics", "support", "platform")
TABLES = ("orders", "customers", "payments", "sessions", "events", "invoices", "shipments", "rides")
COLUMNS = ("id", "created_at", "updated_at", "amount", "currency", "country", "status", "segment")
VERBS = ("extract", "validate", "deduplicate", "enrich", "aggregate", "publish", "archive", "score")
CRONS = ("@daily", "@hourly", "0 3 * * *", "*/15 * * * *", "30 5 * * 1", None)

HELPERS = {
    "company/__init__.py": "",
    "company/defaults.py": '''\
"""Defaults that every team shares."""

from datetime import timedelta

from company.alerts import on_failure

DEFAULT_ARGS = {
    "owner": "data-platform",
    "depends_on_past": False,
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "on_failure_callback": on_failure,
}


def default_args(**overrides):
    """Return the defaults with a team's own words on top."""
    return {**DEFAULT_ARGS, **overrides}
''',
    "company/alerts.py": '''\
"""Tells people when something fails."""

import json
import logging
import urllib.request

log = logging.getLogger(__name__)


def on_failure(context):
    """Send one message about a failed task."""
    task = context["task_instance"]
    text = f"{task.dag_id}.{task.task_id} failed in try {task.try_number}"
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request("https://chat.example.com/hook", data=body)
    with urllib.request.urlopen(request, timeout=10) as answer:
        log.info("told the channel: %s", answer.status)
''',
    "company/factory.py": '''\
"""Builds the DAGs that differ in their tables alone."""

from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

from company.defaults import default_args
from company.sql import count_query, merge_query


def copy_table(table, source, target, **context):
    """Copy one table for one day."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    rows = PostgresHook(source).get_records(count_query(table, context["ds"]))
    PostgresHook(target).run(merge_query(table, context["ds"]))
    return rows[0][0]


class TableDag:
    """A DAG for each table of a team."""

    def __init__(self, team, schedule, **options):
        self.team = team
        self.schedule = schedule
        self.options = options
        self.built = {}

    def build(self, table, columns):
        """Return the DAG of one table."""
        dag = DAG(
            dag_id=f"{self.team}_{table}",
            schedule=self.schedule,
            default_args=default_args(owner=self.team),
            catchup=False,
            tags=[self.team, "copy"],
            **self.options,
        )
        with dag:
            start = EmptyOperator(task_id="start")
            end = EmptyOperator(task_id="end")
            for column in columns:
                check = PythonOperator(
                    task_id=f"check_{column}",
                    python_callable=copy_table,
                    op_kwargs={"table": table, "source": "src", "target": column},
                )
                start >> check >> end
        self.built[dag.dag_id] = dag
        return dag


def build_all(team, tables, schedule="@daily"):
    """Return the DAGs of a team by their ids."""
    factory = TableDag(team, schedule)
    for table, columns in sorted(tables.items()):
        factory.build(table, columns)
    return factory.built
''',
    "company/sql.py": '''\
"""The few statements that everybody needs."""

from textwrap import dedent


def count_query(table, day):
    """Return the statement that counts a day."""
    return f"SELECT count(*) FROM {table} WHERE created_at::date = '{day}'"


def merge_query(table, day):
    """Return the statement that merges a day."""
    return dedent(
        f"""
        MERGE INTO {table} AS target
        USING staging_{table} AS source ON target.id = source.id
        WHEN MATCHED AND source.created_at::date = '{day}' THEN UPDATE SET amount = source.amount
        WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (source.id, source.amount)
        """
    )
''',
    "company/settings.py": '''\
"""Reads the settings of an environment from a file beside this one."""

import json
import os
from pathlib import Path


def load(team):
    """Return the settings of a team."""
    folder = Path(os.environ.get("SETTINGS", Path(__file__).parent))
    return json.loads((folder / f"{team}.json").read_text())
''',
    "company/features.py": '''\
"""Feature engineering that the models share."""


def normalise(frame, columns):
    """Bring columns to mean zero and variance one."""
    for column in columns:
        frame[column] = (frame[column] - frame[column].mean()) / frame[column].std()
    return frame


def encode(frame, column):
    """Return a frame with one column for each value."""
    import pandas as pd

    return pd.get_dummies(frame, columns=[column], drop_first=True)
''',
}


def write(folder: Path, count: int, seed: int = 2024) -> list[Path]:
    """Write a repository of DAG files.

    Args:
        folder: becomes the root; the DAG files lie in folders of teams below `dags`.
        count: how many DAG files, beside the helpers that they share.
        seed: another one makes other files.

    Returns:
        The DAG files.
    """
    dags = folder / "dags"
    for name, text in HELPERS.items():
        path = dags / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.dagproof]\n", encoding="utf-8")
    chance = random.Random(seed)  # noqa: S311  no secret
    files = []
    for number in range(count):
        team = chance.choice(TEAMS)
        kind = chance.choices(KINDS, WEIGHTS)[0]
        path = dags / team / f"{team}_{chance.choice(TABLES)}_{number:04}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(kind(chance, team, f"{team}_{number:04}"), encoding="utf-8")
        files.append(path)
    return files


def _header(chance, team, what):
    words = " ".join(chance.choices(VERBS, k=chance.randint(4, 30)))
    return f'"""{what} of {team}.\n\nOwner: {team}@example.com\nSteps: {words}.\n"""\n\n'


def _offence(chance):
    """Return what one file in eight does at import, and others do not."""
    if chance.random() > 1 / 8:
        return f'TIMEOUT = int(os.environ.get("TIMEOUT", "{chance.randint(10, 900)}"))\n'
    return chance.choice(
        [
            'TIMEOUT = int(Variable.get("timeout"))\n',
            'TIMEOUT = requests.get("https://config.example.com/timeout").json()["value"]\n',
            'TIMEOUT = json.loads(open("/etc/timeouts.json").read())["default"]\n',
            "TIMEOUT = (datetime.now() - datetime(2024, 1, 1)).days\n",
            'mlflow.set_tracking_uri("http://mlflow.example.com")\nTIMEOUT = 60\n',
        ]
    )


def _query(chance, table):
    columns = ",\n        ".join(
        f"{chance.choice(['sum', 'max', 'min', 'count'])}({column}) AS {column}_{index}"
        for index, column in enumerate(chance.choices(COLUMNS, k=chance.randint(3, 14)))
    )
    return f"""
    SELECT
        {columns}
    FROM {table}
    WHERE created_at >= '{{{{ data_interval_start }}}}'
      AND created_at < '{{{{ data_interval_end }}}}'
    GROUP BY 1
"""


def _taskflow(chance, team, dag_id):
    steps = chance.sample(VERBS, chance.randint(3, 8))
    tasks = "".join(_task(chance, step) for step in steps)
    calls = "\n".join(
        f"    {step}_done = {step}({f'{steps[index - 1]}_done' if index else '{}'})"
        for index, step in enumerate(steps)
    )
    return f'''{_header(chance, team, "TaskFlow pipeline")}import json
import logging
import os
from datetime import datetime, timedelta

import requests
from airflow.decorators import dag, task
from airflow.models import Variable

from company.defaults import default_args

log = logging.getLogger(__name__)

{_offence(chance)}

@dag(
    dag_id="{dag_id}",
    schedule={chance.choice(CRONS)!r},
    start_date=datetime(2024, {chance.randint(1, 12)}, 1),
    catchup=False,
    default_args=default_args(owner="{team}", execution_timeout=timedelta(seconds=60)),
    tags=["{team}", "taskflow"],
    params={{"limit": {chance.randint(10, 10_000)}, "country": "de"}},
)
def pipeline():
{tasks}
{calls}
    log.info("built %s", {steps[-1]}_done)


pipeline()
'''


def _task(chance, step):
    table = chance.choice(TABLES)
    fields = chance.sample(COLUMNS, 3)
    body = chance.choice(
        [
            f'''        with requests.Session() as session:
            address = "https://api.example.com/{table}"
            answer = session.get(address, params=payload, timeout=TIMEOUT)
            answer.raise_for_status()
        rows = [row for row in answer.json()["rows"] if row.get("{fields[0]}") is not None]
        return {{"rows": len(rows), "columns": sorted({{key for row in rows for key in row}})}}
''',
            f'''        from airflow.providers.postgres.hooks.postgres import PostgresHook

        hook = PostgresHook(postgres_conn_id="{table}_db")
        total = 0
        for row in hook.get_records("SELECT {fields[0]}, {fields[1]} FROM {table}"):
            if not row[0] or row[1] is None:
                log.warning("skipped %s", row)
                continue
            total += 1
        return {{"total": total, **payload}}
''',
            f'''        path = os.path.join("/data", "{table}", "{step}.json")
        with open(path, "w") as file:
            json.dump({{"{fields[0]}": payload, "{fields[2]}": limit}}, file)
        if os.path.getsize(path) == 0:
            raise ValueError(f"nothing in {{path}}")
        return {{"path": path}}
''',
        ]
    )
    return f'''
    @task(retries={chance.randint(0, 4)}, retry_delay=timedelta(minutes={chance.randint(1, 30)}))
    def {step}(payload: dict, limit: int = {chance.randint(1, 1000)}) -> dict:
        """{step.capitalize()} {table} by {fields[0]} and {fields[1]}."""
        log.info("{step} %s", payload)
{body}'''


def _classic(chance, team, dag_id):
    steps = [f"{chance.choice(VERBS)}_{index}" for index in range(chance.randint(4, 9))]
    functions = "".join(_function(chance, step) for step in steps[::2])
    operators = "".join(_operator(chance, step, index % 2 == 0) for index, step in enumerate(steps))
    edges = " >> ".join(steps)
    return f'''{_header(chance, team, "Classic pipeline")}import json
import logging
import os
from datetime import datetime, timedelta

import requests
from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.providers.postgres.operators.postgres import PostgresOperator

from company.alerts import on_failure

logger = logging.getLogger("airflow.task")
{_offence(chance)}
default_args = {{
    "owner": "{team}",
    "depends_on_past": {chance.choice([True, False])},
    "start_date": datetime(2023, {chance.randint(1, 12)}, 1),
    "email": ["{team}@example.com"],
    "email_on_failure": True,
    "retries": {chance.randint(0, 5)},
    "retry_delay": timedelta(minutes={chance.randint(1, 60)}),
    "on_failure_callback": on_failure,
}}

QUERY = """{_query(chance, chance.choice(TABLES))}"""

{functions}
with DAG(
    "{dag_id}",
    default_args=default_args,
    description="{team} {" ".join(chance.choices(VERBS, k=5))}",
    schedule={chance.choice(CRONS)!r},
    catchup=False,
    max_active_runs=1,
    params={{"limit": {chance.randint(10, 10_000)}}},
) as dag:
{operators}
    {edges}
'''


def _function(chance, step):
    column = chance.choice(COLUMNS)
    return f'''
def {step}_callable(**context):
    """{step} for one interval."""
    start, end = context["data_interval_start"], context["data_interval_end"]
    records = []
    for page in range({chance.randint(1, 50)}):
        answer = requests.get(
            "https://api.example.com/v2/{chance.choice(TABLES)}",
            params={{"from": start.isoformat(), "to": end.isoformat(), "page": page}},
            timeout=TIMEOUT,
        )
        if answer.status_code == 404:
            break
        records.extend(item["{column}"] for item in answer.json() if item["{column}"])
    logger.info("%d records", len(records))
    context["ti"].xcom_push(key="{column}", value=len(records))
    return json.dumps(records[:10])

'''


def _operator(chance, step, is_python):
    if is_python:
        return f'''    {step} = PythonOperator(
        task_id="{step}",
        python_callable={step}_callable,
        execution_timeout=timedelta(minutes={chance.randint(5, 120)}),
    )
'''
    return chance.choice(
        [
            f'''    {step} = BashOperator(
        task_id="{step}",
        bash_command="spark-submit --class {step} job.jar {{{{ ds }}}} {{{{ params.limit }}}}",
        env={{"STEP": "{step}", "PATH": os.environ["PATH"]}},
    )
''',
            f'''    {step} = PostgresOperator(
        task_id="{step}",
        postgres_conn_id="{chance.choice(TABLES)}_db",
        sql=QUERY,
        autocommit=True,
    )
''',
        ]
    )


def _factory(chance, team, dag_id):
    tables = chance.sample(TABLES, chance.randint(2, 6))
    settings = "".join(
        f'''    "{table}": {{
        "columns": {chance.sample(COLUMNS, chance.randint(2, 6))!r},
        "partition": "{chance.choice(COLUMNS)}",
        "retention_days": {chance.randint(7, 700)},
        "query": """{_query(chance, table)}""",
    }},
'''
        for table in tables
    )
    return f'''{_header(chance, team, "DAGs of a factory")}import json
import os
from datetime import datetime

import requests
from airflow.decorators import task
from airflow.models import DAG, Variable

from company.defaults import default_args
from company.factory import TableDag, build_all
from company.sql import count_query

{_offence(chance)}
TABLES = {{
{settings}}}


def columns_of(table):
    """Return the columns that are copied, the partition first."""
    settings = TABLES[table]
    return [settings["partition"], *(one for one in settings["columns"] if one != "id")]


def create_dag(table, settings, schedule):
    """Return the DAG that checks one table."""
    with DAG(
        dag_id=f"{dag_id}_{{table}}_check",
        schedule=schedule,
        start_date=datetime(2024, 1, 1),
        default_args=default_args(owner="{team}"),
        catchup=False,
    ) as dag:

        @task
        def count(day=None):
            from airflow.providers.postgres.hooks.postgres import PostgresHook

            return PostgresHook("{team}_db").get_first(count_query(table, day))[0]

        @task
        def judge(number):
            if number < settings["retention_days"]:
                raise ValueError(f"{{table}} has {{number}} rows")
            return {{"table": table, "rows": number, "timeout": TIMEOUT}}

        judge(count())
    return dag


for name, options in TABLES.items():
    globals()[f"{dag_id}_{{name}}"] = create_dag(name, options, {chance.choice(CRONS)!r})

globals().update(build_all("{dag_id}", {{name: columns_of(name) for name in TABLES}}))
'''


def _ml(chance, team, dag_id):
    parameters = ", ".join(
        f'"{name}": {chance.randint(1, 500)}'
        for name in ("n_estimators", "max_depth", "min_samples_leaf", "random_state")
    )
    features = chance.sample(COLUMNS, 5)
    return f'''{_header(chance, team, "Training")}import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import mlflow
import requests
from airflow.decorators import dag, task, task_group
from airflow.models import Variable
from airflow.models.param import Param

from company.features import encode, normalise

MODEL = "{dag_id}"
FEATURES = {features!r}
PARAMETERS = {{{parameters}}}
DATA = Path("/data") / MODEL
{_offence(chance)}

class Gate:
    """Decides whether a model is good enough."""

    def __init__(self, metric, least):
        self.metric = metric
        self.least = least

    def passes(self, metrics):
        """Say whether it is."""
        return metrics.get(self.metric, 0.0) >= self.least


GATE = Gate("{chance.choice(["f1", "accuracy", "auc"])}", 0.{chance.randint(50, 99)})


@dag(
    schedule={chance.choice(CRONS)!r},
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={{
        "year": Param(2024, type="integer"),
        "month": Param({chance.randint(1, 12)}, type="integer"),
    }},
    default_args={{"retries": 2, "retry_delay": timedelta(minutes=2)}},
)
def {dag_id}():
    """Train, judge and register one model."""

    @task
    def load(params=None):
        import pandas as pd

        frame = pd.read_parquet(DATA / f"{{params['year']}}-{{params['month']:02d}}.parquet")
        frame = normalise(frame[FEATURES].dropna(), FEATURES[:2])
        target = DATA / "features.parquet"
        encode(frame, "{features[-1]}").to_parquet(target)
        return str(target)

    @task(execution_timeout=timedelta(hours={chance.randint(1, 12)}))
    def train(path, depth):
        import pandas as pd
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.metrics import f1_score
        from sklearn.model_selection import train_test_split

        mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
        mlflow.set_experiment(MODEL)
        frame = pd.read_parquet(path)
        left, right = train_test_split(frame, test_size=0.{chance.randint(1, 4)})
        with mlflow.start_run() as run:
            model = RandomForestClassifier(**{{**PARAMETERS, "max_depth": depth}})
            model.fit(left[FEATURES[:-1]], left["{features[0]}"])
            score = f1_score(right["{features[0]}"], model.predict(right[FEATURES[:-1]]))
            mlflow.log_params(PARAMETERS)
            mlflow.log_metric("f1", score)
            mlflow.sklearn.log_model(model, name="model")
        return {{"run_id": run.info.run_id, "f1": float(score), "timeout": TIMEOUT}}

    @task_group
    def release(results):
        @task
        def choose(results):
            best = max(results, key=lambda result: result["f1"])
            if not GATE.passes(best):
                raise ValueError(f"no model is good enough: {{best}}")
            return best["run_id"]

        @task
        def register(best):
            version = mlflow.register_model(f"runs:/{{best}}/model", MODEL)
            client = mlflow.MlflowClient()
            client.set_registered_model_alias(MODEL, "champion", version.version)
            message = {{"text": version.version}}
            requests.post("https://chat.example.com/hook", json=message, timeout=9)

        register(choose(results))

    release(train.partial(path=load()).expand(depth={chance.sample(range(2, 20), 4)!r}))


{dag_id}()
'''


KINDS = (_taskflow, _classic, _factory, _ml)
WEIGHTS = (35, 35, 12, 18)
