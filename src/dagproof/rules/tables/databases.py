"""Calls that connect to a database, build an engine for one, or ask one (DP103)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    # A hook's connection is DP104; what is asked through it is a query.
    "airflow": "**.*Hook().get_conn().execute **.*Hook().get_conn().cursor().execute",
    "psycopg2": """
        connect connect().* connect().cursor().* **.ThreadedConnectionPool **.SimpleConnectionPool
        **.PersistentConnectionPool **.ThreadedConnectionPool().* **.SimpleConnectionPool().*
        **.getconn().* **.getconn().cursor().* extras.execute_values extras.execute_batch
        extras.register_hstore extensions.connection
        !**.close !**.mogrify
    """,
    "psycopg": """
        connect connect().* connect().cursor().* connect().execute().* Connection.connect
        Connection.connect().* Connection.connect().cursor().* AsyncConnection.connect
        AsyncConnection.connect().* AsyncConnection.connect().cursor().* !**.close
    """,
    "psycopg_pool": "ConnectionPool ConnectionPool().* AsyncConnectionPool().* NullConnectionPool",
    "asyncpg": "connect create_pool connect().* create_pool().* create_pool().acquire().*",
    "aiopg": "connect create_pool connect().* create_pool().* sa.create_engine",
    "pg8000": """
        connect connect().* connect().cursor().* dbapi.connect dbapi.connect().*
        dbapi.connect().cursor().* native.Connection native.Connection().*
    """,
    "psycopg2cffi": "connect connect().* connect().cursor().*",
    "pgdb": "connect connect().* connect().cursor().*",
    "pgvector": "**.register_vector",
    "sqlalchemy": """
        **.create_engine **.create_async_engine **.engine_from_config **.async_engine_from_config
        **.create_mock_engine **.create_pool_from_url
        **.create_engine().* **.create_engine().connect().* **.create_engine().begin().*
        **.create_engine().raw_connection().* **.create_engine().raw_connection().cursor().*
        **.create_engine().execute().* **.create_engine().connect().execute().*
        **.create_engine().begin().execute().* **.create_engine().connect().execution_options().*
        **.create_async_engine().* **.create_async_engine().begin().*
        **.create_async_engine().connect().*
        **.Session().* **.AsyncSession().* **.sessionmaker()().* **.scoped_session()().*
        **.scoped_session().* **.async_sessionmaker()().*
        **.Session().query().** **.sessionmaker()().query().** **.scoped_session()().query().**
        **.scoped_session().query().** **.Session().execute().* **.sessionmaker()().execute().*
        **.MetaData().reflect **.MetaData().create_all **.MetaData().drop_all
        **.declarative_base().metadata.create_all **.declarative_base().metadata.drop_all
        **.declarative_base().metadata.reflect **.DeclarativeBase.metadata.create_all
        **.DeclarativeBase.metadata.drop_all **.DeclarativeBase().metadata.create_all
        **.automap_base().prepare **.inspect().get_table_names
        **.inspect().get_columns **.inspect().get_schema_names **.inspect().has_table
        **.inspect().get_view_names **.inspect().get_pk_constraint **.inspect().get_indexes
        **.inspect().get_foreign_keys **.Table().create **.Table().drop **.Table().exists
        **.create_database **.drop_database
        !**.close !**.dispose !**.expunge !**.expunge_all
        !**.query().filter !**.query().filter_by !**.query().order_by !**.query().join
        !**.create_engine().url.** !**.create_engine().execution_options
        !**.scoped_session().configure
        !**.create_engine().connect().execution_options
    """,
    "sqlalchemy_utils": """
        database_exists create_database drop_database functions.database_exists
        functions.create_database functions.drop_database
    """,
    "sqlalchemy_redshift": "**.connect",
    "sqlmodel": """
        create_engine create_engine().* create_engine().connect().* create_engine().begin().*
        Session().* SQLModel.metadata.create_all SQLModel.metadata.drop_all
        Session().exec().* !**.close
    """,
    "alembic": "command.* config.main migration.MigrationContext.configure().*",
    "sqlite3": """
        connect dbapi2.connect connect().* connect().cursor().* connect().execute().*
        connect().cursor().execute().* !connect().close !connect().create_function
        !connect().cursor().close
    """,
    "aiosqlite": "connect connect().*",
    "duckdb": """
        connect sql query execute read_csv read_csv_auto read_parquet read_json
        from_query install_extension load_extension
        connect().* connect().execute().* connect().sql().* sql().* query().* execute().*
        read_csv().* read_parquet().*
        !**.close
    """,
    "pymysql": """
        connect Connect Connection connections.Connection connect().* connect().cursor().*
        Connect().* Connect().cursor().* Connection().* Connection().cursor().* !**.close
        !install_as_MySQLdb !**.mogrify
    """,
    "aiomysql": "connect create_pool connect().* create_pool().*",
    "MySQLdb": "connect Connect connect().* connect().cursor().* Connect().* !**.close",
    "mysql": """
        connector.connect connector.Connect connector.MySQLConnection connector.connect().*
        connector.connect().cursor().* connector.MySQLConnection().*
        connector.MySQLConnection().cursor().* connector.pooling.MySQLConnectionPool
        connector.pooling.MySQLConnectionPool().* connector.connection.MySQLConnection
        connector.aio.connect !**.close
    """,
    "mariadb": "connect connect().* connect().cursor().* ConnectionPool ConnectionPool().*",
    "oracledb": """
        connect create_pool connect_async create_pool_async SessionPool
        connect().* connect().cursor().* create_pool().* create_pool().acquire().*
        !**.close
    """,
    "cx_Oracle": """
        connect Connection SessionPool connect().* connect().cursor().* Connection().*
        Connection().cursor().* SessionPool().* SessionPool().acquire().cursor().* !**.close
    """,
    "pyodbc": """
        connect connect().* connect().cursor().* connect().cursor().execute().*
        connect().execute().*
        !**.close
    """,
    "aioodbc": "connect create_pool connect().* create_pool().*",
    "turbodbc": "connect connect().* connect().cursor().*",
    "pymssql": "connect connect().* connect().cursor().* _mssql.connect !**.close",
    "_mssql": "connect connect().*",
    "jaydebeapi": "connect connect().* connect().cursor().* !**.close",
    "pymongo": """
        **.MongoClient **.MongoClient().** **.AsyncMongoClient **.AsyncMongoClient().**
        **.MongoReplicaSetClient **.Connection
        !**.MongoClient().close !**.MongoClient().get_database
        !**.MongoClient().get_default_database
        **.MongoClient()[].** **.MongoClient()[][].**
        !**.get_collection !**.*()[].** !**.*().find_one().** !**.*()[].find_one().**
        !**.*()[][].find_one().** !**.MongoClient()[].with_options
    """,
    "motor": """
        motor_asyncio.AsyncIOMotorClient motor_asyncio.AsyncIOMotorClient().**
        motor_tornado.MotorClient
    """,
    "mongoengine": """
        connect register_connection connection.connect **.Document.objects.**
        **.DynamicDocument.objects.** **.Document().save **.DynamicDocument().save
    """,
    "mongita": "MongitaClientDisk",
    "redis": """
        **.Redis **.StrictRedis **.from_url **.Redis.from_url **.StrictRedis.from_url
        **.RedisCluster **.Sentinel
        **.Redis().* **.StrictRedis().* **.from_url().* **.Redis.from_url().*
        **.StrictRedis.from_url().* **.RedisCluster().* **.Sentinel().* **.Sentinel().master_for().*
        **.Redis().pipeline().execute **.StrictRedis().pipeline().execute
        **.Redis().pubsub().subscribe **.Redis().lock().acquire
        !**.ConnectionPool.from_url !**.BlockingConnectionPool.from_url !**.close
        !**.ConnectionPool.from_url().**
    """,
    "rediscluster": "RedisCluster StrictRedisCluster RedisCluster().* StrictRedisCluster().*",
    "aioredis": "from_url create_redis create_redis_pool Redis Redis().* from_url().*",
    "fakeredis": "FakeRedis",
    "redis_om": "**.get_redis_connection Migrator().run",
    "pymemcache": "client.base.Client().* Client().*",
    "memcache": "Client().*",
    "pylibmc": "Client().*",
    "cassandra": """
        cluster.Cluster().connect cluster.Cluster().connect().*
        cluster.Cluster().connect().execute().*
        cqlengine.connection.setup cqlengine.management.sync_table !**.prepare().bind
    """,
    "happybase": "Connection Connection().* Connection().table().* ConnectionPool",
    "clickhouse_driver": """
        Client Client().* connect connect().* connect().cursor().* client.Client client.Client().*
        Client.from_url Client.from_url().* dbapi.connect dbapi.connect().cursor().*
        !**.disconnect
    """,
    "clickhouse_connect": """
        get_client create_client get_async_client get_client().* create_client().*
        driver.create_client dbapi.connect
    """,
    "clickhouse_sqlalchemy": "make_session make_session().*",
    "aiochclient": "ChClient().*",
    "asynch": "connect connect().*",
    "infi": "clickhouse_orm.Database clickhouse_orm.Database().*",
    "pandahouse": "read_clickhouse to_clickhouse execute",
    "snowflake": """
        connector.connect connector.SnowflakeConnection connector.connect().*
        connector.connect().cursor().* connector.connect().cursor().execute().*
        connector.pandas_tools.write_pandas
        snowpark.Session.builder.**.create snowpark.Session.builder.**.getOrCreate
        snowpark.Session.builder.**.create().* snowpark.Session.builder.**.create().sql().*
        snowpark.Session.builder.**.create().table().* snowpark.**.get_active_session
        snowpark.**.get_active_session().* snowpark.session.Session.builder.**.create
        snowpark.session.Session.builder.**.create().*
        snowpark.Session().* ml.registry.Registry ml.registry.Registry().*
        core.Root core.Root().**
        !snowpark.Session.builder.config !snowpark.Session.builder.configs !**.close
    """,
    "trino": """
        dbapi.connect dbapi.Connection dbapi.connect().* dbapi.connect().cursor().*
        dbapi.Connection().* dbapi.Connection().cursor().* client.TrinoRequest().*
    """,
    "prestodb": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().* dbapi.Connection",
    "pyhive": """
        hive.connect hive.Connection hive.connect().* hive.connect().cursor().*
        hive.Connection().* hive.Connection().cursor().* presto.connect presto.Connection
        presto.connect().* presto.connect().cursor().* trino.connect trino.connect().*
        trino.connect().cursor().*
    """,
    "impala": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "pyhs2": "connect connect().*",
    "hdbcli": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "hana_ml": "dataframe.ConnectionContext dataframe.ConnectionContext().*",
    "vertica_python": "connect connect().* connect().cursor().* Connection Connection().*",
    "teradatasql": "connect connect().* connect().cursor().*",
    "teradata": "UdaExec().connect UdaExec().connect().*",
    "teradataml": "create_context DataFrame.from_table",
    "ibm_db": "connect pconnect exec_immediate execute prepare fetch_assoc fetch_tuple",
    "ibm_db_dbi": "connect Connection connect().* connect().cursor().*",
    "nzpy": "connect connect().* connect().cursor().*",
    "pyexasol": "connect connect().*",
    "monetdb": "sql.connect sql.connect().*",
    "pymonetdb": "connect connect().*",
    "fdb": "connect connect().*",
    "firebird": "driver.connect driver.connect().*",
    "sqlanydb": "connect connect().*",
    "crate": "client.connect client.connect().* client.connect().cursor().*",
    "pydruid": "db.connect db.connect().* client.PyDruid().*",
    "pinotdb": "connect connect().* connect().cursor().*",
    "phoenixdb": "connect connect().*",
    "kudu": "connect connect().*",
    "rockset": "Client Client().* RocksetClient().*",
    "singlestoredb": "connect connect().* connect().cursor().*",
    "pydgraph": "DgraphClient().*",
    "dremio": "**.connect",
    "adbc_driver_postgresql": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "adbc_driver_snowflake": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "adbc_driver_flightsql": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "adbc_driver_sqlite": "dbapi.connect dbapi.connect().* dbapi.connect().cursor().*",
    "connectorx": "read_sql read_sql_pandas",
    "databricks": "sql.connect sql.connect().* sql.connect().cursor().* connect.**",
    "influxdb": "InfluxDBClient().* DataFrameClient().* InfluxDBClient DataFrameClient",
    "influxdb_client": """
        InfluxDBClient InfluxDBClient.from_config_file InfluxDBClient.from_env_properties
        InfluxDBClient().query_api().* InfluxDBClient().write_api().*
        InfluxDBClient().delete_api().* InfluxDBClient().buckets_api().*
        InfluxDBClient().ping InfluxDBClient().health InfluxDBClient().ready
        client.influxdb_client_async.InfluxDBClientAsync
        client.influxdb_client.InfluxDBClient !**.close
    """,
    "influxdb_client_3": "InfluxDBClient3 InfluxDBClient3().* !**.close",
    "questdb": "ingress.Sender ingress.Sender().*",
    "taos": "connect connect().*",
    "taosrest": "connect connect().*",
    "neo4j": """
        **.driver **.driver().* **.driver().session().* **.driver().session().begin_transaction().*
        **.driver().session().run().* !**.close
    """,
    "py2neo": "Graph Graph().* Graph().run().*",
    "neomodel": "db.cypher_query config.DATABASE_URL.**",
    "arango": "ArangoClient().db ArangoClient().db().*",
    "pyArango": "connection.Connection connection.Connection().*",
    "gremlin_python": "driver.client.Client driver.client.Client().* **.DriverRemoteConnection",
    "SPARQLWrapper": "SPARQLWrapper().query SPARQLWrapper().queryAndConvert",
    "couchdb": "Server Server().* Server()[].*",
    "couchbase": "cluster.Cluster cluster.Cluster().**",
    "rethinkdb": "r.connect r.table().run RethinkDB().connect",
    "fauna": "client.Client().query",
    "supabase": "create_client create_client().** Client().** !**.execute().**",
    "postgrest": "SyncPostgrestClient().**",
    "pinecone": """
        init list_indexes create_index delete_index describe_index Index Index().*
        Pinecone Pinecone().* Pinecone().Index().* GRPCIndex().*
    """,
    "weaviate": "Client Client().** connect_to_local connect_to_wcs connect_to_custom",
    "qdrant_client": "**.QdrantClient **.QdrantClient().* **.AsyncQdrantClient().*",
    "chromadb": """
        Client PersistentClient HttpClient EphemeralClient Client().* PersistentClient().*
        HttpClient().* EphemeralClient().* Client().get_or_create_collection().*
        PersistentClient().get_or_create_collection().* HttpClient().get_or_create_collection().*
        HttpClient().get_collection().* PersistentClient().get_collection().*
    """,
    "pymilvus": """
        connections.connect Collection Collection().* MilvusClient MilvusClient().* utility.*
    """,
    "lancedb": "connect connect().* connect_async connect().open_table().*",
    "peewee": """
        *Database().connect *Database().execute_sql *Database().create_tables
        *Database().drop_tables *Database().get_tables *Database().table_exists
        Model.create Model.get Model.get_or_none Model.get_or_create Model.create_table
        Model.drop_table Model.table_exists Model.get_by_id Model.bulk_create
        Model.insert_many().execute
        Model.select().**.execute Model().save Model().delete_instance
    """,
    "pony": "orm.Database().bind orm.Database().generate_mapping orm.select",
    "tortoise": "Tortoise.init Tortoise.generate_schemas run_async",
    "django": """
        db.connection.cursor db.connection.cursor().* db.connections[].cursor
        db.connections[].cursor().* db.models.Model.objects.** core.management.call_command
        core.management.execute_from_command_line contrib.auth.get_user_model().objects.**
    """,
    "sqlitedict": "SqliteDict",
    "tinydb": "TinyDB TinyDB().*",
    "ZODB": "DB DB().open config.databaseFromURL",
    "lmdb": "open",
    "plyvel": "DB",
    "rocksdb": "DB",
    "diskcache": "Cache FanoutCache Cache().* FanoutCache().*",
    "pandas": """
        read_sql read_sql_query read_sql_table **.to_sql io.sql.read_sql io.sql.read_sql_query
        io.sql.read_sql_table     """,
    "pandasql": "sqldf",
    "polars": "read_database read_database_uri read_sql",
    "dask": "dataframe.read_sql dataframe.read_sql_table dataframe.read_sql_query",
    "geopandas": "read_postgis GeoDataFrame.from_postgis **.to_postgis",
    "modin": "pandas.read_sql pandas.read_sql_query pandas.read_sql_table",
    "petl": "fromdb todb appenddb",
    "ibis": """
        connect postgres.connect duckdb.connect bigquery.connect snowflake.connect sqlite.connect
        trino.connect clickhouse.connect *.connect().*
    """,
    "pangres": "upsert aio.aupsert pg_upsert upsert_or_aupsert",
    "pandas_to_postgres": "DataFrameCopy",
    "sqlglot": "executor.execute",
    "sshtunnel": "open_tunnel().db.**",
    "dbt": "cli.main.dbtRunner().invoke",
}
