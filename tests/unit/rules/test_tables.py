"""The tables are well formed, name what exists, and tell the kinds of effects apart."""

import importlib
import re
from itertools import combinations

import pytest

from dagproof.rules.entry_points import codes
from dagproof.rules.tables import (
    airflow,
    cloud,
    databases,
    environment,
    files,
    heavy,
    mlflow,
    models,
    network,
    processes,
    sleep,
    threads,
    varying,
)

TABLES = {
    "mlflow": mlflow.CALLS,
    "network": network.CALLS,
    "cloud": cloud.CALLS,
    "databases": databases.CALLS,
    "airflow": airflow.CALLS,
    "writes": files.WRITES,
    "reads": files.READS,
    "processes": processes.CALLS,
    "environment": environment.CALLS,
    "sleep": sleep.CALLS,
    "threads": threads.CALLS,
    "varying": varying.CALLS,
    "models": models.CALLS,
}

COMPONENT = re.compile(r"\*\*|\*?[A-Za-z_0-9]*(\(\)|\[\])*")
STANDARD = [
    *("os", "shutil", "glob", "subprocess", "time", "datetime", "random", "uuid", "secrets"),
    *("socket", "ssl", "urllib", "http", "smtplib", "ftplib", "imaplib", "poplib", "xmlrpc"),
    *("asyncio", "threading", "_thread", "concurrent", "multiprocessing", "signal", "select"),
    *("sched", "locale", "platform", "tempfile", "pathlib", "zipfile", "tarfile", "logging"),
    *("shelve", "pickle", "linecache", "fileinput", "filecmp", "tokenize", "runpy", "pkgutil"),
    *("importlib", "configparser", "mmap", "sqlite3", "pty", "webbrowser", "venv", "ensurepip"),
    *("fcntl", "resource", "xml"),
]
ELSEWHERE = {
    # Python 2, Windows, another Unix, or newer than the oldest Python that is supported.
    *("ssl.wrap_socket", "configparser.SafeConfigParser"),  # until Python 3.11
    *("os.popen2", "os.popen3", "os.popen4", "os.tmpfile", "os.listdirb", "os.startfile"),
    *(
        "random.binomialvariate",
        "os.lchflags",
        "os.lchmod",
        "pathlib.walk",
        "uuid.uuid6",
        "uuid.uuid7",
        "_thread.start_new",
    ),
    *("urllib.urlopen", "urllib.urlretrieve", "urllib.URLopener", "locale.resetlocale"),
    *("http.server.HTTPSServer", "xml.etree.cElementTree.parse"),
    *("urllib.request.URLopener", "urllib.request.FancyURLopener"),
}


def entries():
    return [
        (table, key, pattern)
        for table, calls in TABLES.items()
        for key, patterns in calls.items()
        for pattern in patterns.split()
    ]


def reach(parts):
    found = importlib.import_module(parts[0])
    for position, part in enumerate(parts[1:], 2):
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(".".join(parts[:position]))
    return found


def test_every_pattern_is_one_that_the_reader_understands():
    wrong = [
        (table, key, pattern)
        for table, key, pattern in entries()
        if not all(part and COMPONENT.fullmatch(part) for part in pattern.lstrip("!").split("."))
    ]
    assert wrong == []


def test_no_pattern_is_listed_twice_or_listed_and_refused():
    for table, calls in TABLES.items():
        for key, patterns in calls.items():
            every = [pattern.lstrip("!") for pattern in patterns.split()]
            twice = sorted({one for one in every if every.count(one) > 1})
            assert twice == [], (table, key)


def test_no_table_lists_exceptions_alone():
    alone = [
        (table, key)
        for table, calls in TABLES.items()
        for key, patterns in calls.items()
        if all(pattern.startswith("!") for pattern in patterns.split())
    ]
    assert alone == []


def test_no_name_is_of_two_kinds():
    both = {
        (first, second, name)
        for first, second in combinations(TABLES, 2)
        for name in names(first) & names(second)
    }
    # To load a `.env` file is to read it and to change the environment.
    assert both == {
        ("reads", "environment", name) for name in names("reads") & names("environment")
    }
    assert {name.partition(".")[0] for *_, name in both} <= {"dotenv", "environ", "environs"}


def names(table):
    return {
        f"{key}.{pattern}"
        for listed, key, pattern in entries()
        if listed == table and not pattern.startswith("!")
    }


@pytest.mark.parametrize("module", STANDARD)
def test_what_is_listed_of_the_standard_library_exists(module):
    missing = []
    for _, key, pattern in entries():
        if key.partition(".")[0] != module:
            continue
        known = []
        for part in f"{key}.{pattern.lstrip('!')}".split("."):
            if part.startswith("*"):
                break
            known.append(part.partition("(")[0].partition("[")[0])
            if "(" in part or "[" in part:
                break
        if ".".join(known) in ELSEWHERE:
            continue
        try:
            reach(known)
        except (AttributeError, ImportError):
            missing.append(".".join(known))
    assert missing == []


def test_a_mode_is_looked_for_in_a_place_that_exists():
    for name, position in files.OPENERS.items():
        assert re.fullmatch(r"[\w.]+(\(\)\.\w+)?", name)
        assert position in {0, 1}, name


def test_heavy_modules_are_dotted_names_that_cost_time():
    for module, seconds in heavy.MODULES.items():
        assert re.fullmatch(r"\w+(\.\w+)*", module)
        assert 0.1 <= seconds <= 10, module


EFFECTS = {
    "": """
        datetime.datetime datetime.timedelta time.perf_counter random.seed numpy.random.seed
        random.Random numpy.random.default_rng pendulum.datetime datetime.datetime.strptime
        mlflow.models.infer_signature mlflow.models.signature.infer_signature mlflow.types.Schema
        mlflow.models.ModelSignature mlflow.get_tracking_uri mlflow.entities.Metric mlflow.trace
        mlflow.entities.Run requests.get().json requests.Session requests.Session().mount
        requests.auth.HTTPBasicAuth boto3.client().get_object()[].read httpx.Client
        slack_sdk.WebClient google.cloud.storage.Client().bucket
        google.cloud.storage.Client().bucket().blob
        google.cloud.pubsub_v1.PublisherClient().topic_path azure.identity.DefaultAzureCredential
        kubernetes.client.V1Pod kubernetes.client.models.V1Volume kubernetes.client.V1EnvVar
        boto3.session.Config botocore.config.Config botocore.client.Config docker.types.Mount
        openai.OpenAI openai.OpenAI().chat.completions.create().model_dump
        stripe.Webhook.construct_event hvac.Client
        hvac.Client().secrets.kv.v2.read_secret_version()[].get
        google.oauth2.service_account.Credentials.from_service_account_info
        google.cloud.bigquery.SchemaField google.cloud.bigquery.QueryJobConfig
        elasticsearch.Elasticsearch elasticsearch.Elasticsearch().search().get
        airflow.sdk.ObjectStoragePath airflow.io.path.ObjectStoragePath().joinpath
        urllib.parse.quote_plus sklearn.datasets.load_iris sqlalchemy.Column sqlalchemy.text
        sqlalchemy.orm.sessionmaker sqlalchemy.MetaData sqlalchemy.orm.declarative_base
        psycopg2.sql.SQL snowflake.sqlalchemy.URL sqlalchemy.create_engine().dispose
        redis.ConnectionPool.from_url sqlalchemy.engine.url.URL.create sqlalchemy.engine.URL
        airflow.models.Variable airflow.models.Connection
        airflow.providers.postgres.hooks.postgres.PostgresHook airflow.configuration.conf.get
        airflow.models.Variable.get().split airflow.utils.session.provide_session
        airflow.utils.db.provide_session airflow.DAG airflow.models.DagRun airflow.sdk.Connection
        airflow.models.connection.Connection().get_uri airflow.macros.ds_add
        airflow.models.Variable.get()[].items
        airflow.providers.amazon.aws.hooks.s3.S3Hook.parse_s3_url
        airflow.hooks.base.BaseHook.get_connection().get_uri airflow.hooks.base.BaseHook().log.info
        airflow.settings.timezone airflow.models.Connection.from_json airflow.models.XCom
        os.path.exists os.path.join pathlib.Path().exists pathlib.Path().resolve
        pathlib.Path().with_suffix pathlib.Path().is_file json.load yaml.safe_load os.getcwd
        os.getenv os.environ.get pathlib.Path.cwd shutil.which pathlib.Path().stem.replace
        pathlib.Path().name.replace os.stat pathlib.Path().stat tempfile.gettempdir
        logging.getLogger logging.basicConfig pandas.DataFrame pandas.to_datetime numpy.array
        pyspark.sql.SparkSession.builder.appName pyspark.sql.types.StructType pyspark.SparkConf
        subprocess.CompletedProcess os.cpu_count pyspark.sql.functions.col threading.Thread
        threading.Lock multiprocessing.cpu_count multiprocessing.Process
        concurrent.futures.as_completed joblib.delayed joblib.Parallel asyncio.run torch.nn.Linear
        xgboost.XGBClassifier keras.Model sklearn.linear_model.LogisticRegression pickle.dumps
        torch.device tensorflow.constant
    """,
    "DP101": """
        mlflow.set_tracking_uri mlflow.set_experiment mlflow.start_run mlflow.log_metric
        mlflow.xgboost.autolog mlflow.MlflowClient mlflow.tracking.MlflowClient
        mlflow.MlflowClient().search_runs mlflow.tracking.client.MlflowClient().get_run
        mlflow.pyfunc.load_model mlflow.sklearn.log_model mlflow.projects.run
        mlflow.artifacts.download_artifacts mlflow.evaluate mlflow.genai.evaluate
        mlflow.client.MlflowClient
    """,
    "DP102": """
        requests.get requests.post requests.Session().get requests.sessions.Session().request
        httpx.get httpx.Client().post urllib.request.urlopen urllib3.PoolManager().request
        boto3.client boto3.client().list_buckets boto3.resource
        boto3.resource().Bucket().objects.all boto3.Session
        boto3.session.Session().client().get_secret_value google.cloud.storage.Client
        google.cloud.bigquery.Client().query
        google.cloud.storage.Client().bucket().blob().upload_from_string
        google.cloud.secretmanager_v1.SecretManagerServiceClient().access_secret_version
        azure.storage.blob.BlobServiceClient.from_connection_string
        azure.storage.blob.BlobServiceClient azure.keyvault.secrets.SecretClient().get_secret
        azure.identity.DefaultAzureCredential().get_token minio.Minio minio.Minio().bucket_exists
        s3fs.S3FileSystem().ls paramiko.SSHClient().connect kafka.KafkaProducer
        kafka.KafkaProducer().send kubernetes.config.load_kube_config
        kubernetes.client.CoreV1Api().list_namespaced_pod docker.from_env
        docker.from_env().containers.run slack_sdk.WebClient().chat_postMessage
        hvac.Client().secrets.kv.v2.read_secret_version openai.OpenAI().chat.completions.create
        openai.ChatCompletion.create stripe.Charge.create wandb.init huggingface_hub.hf_hub_download
        nltk.download datasets.load_dataset gspread.service_account().open().sheet1.get_all_records
        airflow.utils.email.send_email airflow.sdk.ObjectStoragePath().read_text
        elasticsearch.Elasticsearch().indices.create yfinance.Ticker().history
        sklearn.datasets.fetch_openml pandas.DataFrame().to_gbq
        databricks.sdk.WorkspaceClient().jobs.list
    """,
    "DP103": """
        sqlalchemy.create_engine sqlalchemy.create_engine().connect
        sqlalchemy.create_engine().connect().execute sqlalchemy.orm.Session().query
        sqlalchemy.orm.sessionmaker()().execute sqlalchemy.MetaData().create_all psycopg2.connect
        psycopg2.connect().cursor().execute sqlite3.connect sqlite3.connect().execute
        pymongo.MongoClient pymongo.MongoClient()[][].find pymongo.MongoClient().db.col.insert_one
        redis.Redis redis.Redis().get redis.Redis.from_url redis.from_url
        snowflake.connector.connect snowflake.connector.connect().cursor().execute pandas.read_sql
        pandas.DataFrame().to_sql duckdb.connect duckdb.sql pymysql.connect oracledb.connect
        pyodbc.connect clickhouse_driver.Client().execute cassandra.cluster.Cluster().connect
        peewee.SqliteDatabase().connect django.db.connection.cursor
    """,
    "DP104": """
        airflow.models.Variable.get airflow.sdk.Variable.get airflow.models.variable.Variable.set
        airflow.hooks.base.BaseHook.get_connection airflow.hooks.base_hook.BaseHook.get_connection
        airflow.sdk.BaseHook.get_connection airflow.sdk.bases.hook.BaseHook.get_connection
        airflow.providers.postgres.hooks.postgres.PostgresHook().get_records
        airflow.providers.amazon.aws.hooks.s3.S3Hook().list_keys
        airflow.contrib.hooks.ssh_hook.SSHHook().get_conn
        airflow.hooks.postgres_hook.PostgresHook().get_first
        airflow.models.Connection.get_connection_from_secrets airflow.sdk.Connection.get
        airflow.models.connection.Connection().get_hook airflow.settings.Session
        airflow.settings.Session().query().filter().all airflow.settings.engine.execute
        airflow.utils.session.create_session airflow.utils.session.create_session().query
        airflow.utils.db.create_session airflow.models.DagRun.find airflow.models.dagrun.DagRun.find
        airflow.models.DagBag airflow.models.Pool.create_or_update_pool airflow.models.XCom.get_one
        airflow.models.DagModel.get_dagmodel airflow.api.client.local_client.Client().trigger_dag
        airflow.api.common.trigger_dag.trigger_dag airflow.hooks.base.BaseHook().get_conn
        airflow.providers.hashicorp.secrets.vault.VaultBackend().get_connection
    """,
    "DP105": """
        os.makedirs os.remove shutil.rmtree pathlib.Path().mkdir pathlib.Path().parent.mkdir
        pathlib.Path().write_text tempfile.mkdtemp tempfile.NamedTemporaryFile
        pandas.DataFrame().to_csv numpy.save pickle.dump logging.FileHandler
        logging.handlers.RotatingFileHandler pyarrow.parquet.write_table joblib.dump
    """,
    "DP106": """
        os.listdir os.scandir os.walk glob.glob pathlib.Path().read_text pathlib.Path().parent.glob
        pathlib.Path.home().iterdir pandas.read_csv pandas.read_parquet pandas.read_pickle
        numpy.load polars.read_csv polars.scan_parquet pyarrow.parquet.read_table
        configparser.ConfigParser().read pkgutil.get_data importlib.resources.read_text
        importlib.resources.files().joinpath().read_text jinja2.Environment().get_template toml.load
        PIL.Image.open logging.config.fileConfig
    """,
    "DP107": """
        subprocess.run subprocess.check_output subprocess.Popen os.system os.popen
        pyspark.sql.SparkSession.builder.getOrCreate
        pyspark.sql.SparkSession.builder.appName().getOrCreate pyspark.SparkContext
        dask.distributed.Client ray.init git.Repo.clone_from pexpect.spawn sh.git invoke.run os.fork
    """,
    "DP108": """
        os.environ.__setitem__ os.environ.__delitem__ os.environ.__ior__ os.environ.setdefault
        os.environ.update os.environ.pop os.putenv
    """,
    "DP109": """
        time.sleep asyncio.sleep gevent.sleep threading.Event().wait
    """,
    "DP110": """
        threading.Thread().start threading.Timer().start concurrent.futures.ThreadPoolExecutor
        concurrent.futures.ThreadPoolExecutor().submit concurrent.futures.ProcessPoolExecutor().map
        multiprocessing.Process().start multiprocessing.Pool multiprocessing.Pool().map
        multiprocessing.pool.ThreadPool multiprocessing.get_context().Pool joblib.Parallel()
        apscheduler.schedulers.background.BackgroundScheduler().start _thread.start_new_thread
        watchdog.observers.Observer().start
    """,
    "DP111": """
        datetime.datetime.now datetime.date.today time.time uuid.uuid4 random.random
        numpy.random.rand pandas.Timestamp.now pendulum.now airflow.utils.dates.days_ago
        airflow.utils.timezone.utcnow airflow.sdk.timezone.utcnow
        airflow._shared.timezones.timezone.utcnow secrets.token_hex socket.gethostname os.getpid
    """,
    "DP113": """
        joblib.load pickle.load pickle.loads torch.load torch.hub.load transformers.pipeline
        transformers.AutoModel.from_pretrained sentence_transformers.SentenceTransformer spacy.load
        tensorflow.keras.models.load_model keras.models.load_model xgboost.Booster().load_model
        xgboost.XGBClassifier().load_model lightgbm.Booster catboost.CatBoostClassifier().load_model
        onnxruntime.InferenceSession gensim.models.Word2Vec.load
        gensim.models.KeyedVectors.load_word2vec_format whisper.load_model skops.io.load
        fasttext.load_model
    """,
}


@pytest.mark.parametrize(("code", "name"), [(c, n) for c, t in EFFECTS.items() for n in t.split()])
def test_a_well_known_call_has_its_kind(code, name):
    assert codes(name) == ({code} - {""})
