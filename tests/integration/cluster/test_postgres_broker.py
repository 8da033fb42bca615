"""A real Postgres as broker: what is given back is what an ended worker had taken and not begun."""

import contextlib

import psycopg2
import pytest
from kombu import Connection

from dagproof.airflow_compat.components import make_queue
from dagproof.cluster.postgres_broker import LOST_SECONDS, PostgresBroker
from dagproof.services.addresses import METADATA_URL

QUEUE = "default"


@pytest.fixture
def moment():
    return [0.0]


@pytest.fixture
def broker(services, moment):
    found = PostgresBroker(services, lambda: moment[0])
    make_queue(found.url)
    return found


@pytest.fixture
def send(broker):
    """Give a function that sends a message for a task."""

    def send(name):
        with Connection(broker.url) as connection, connection.SimpleQueue(QUEUE) as queue:
            queue.put(name, headers={"id": f"celery-{name}"})

    return send


@pytest.fixture
def put(send, services):
    """Give a function that queues a task, in Airflow's table and for Celery."""

    def put(name, state="queued"):
        send(name)
        with _database(services) as cursor:
            cursor.execute(
                "INSERT INTO task_instance (id, task_id, external_executor_id, state)"
                " VALUES (gen_random_uuid(), %s, %s, %s)",
                (name, f"celery-{name}", state),
            )

    with _database(services) as cursor:
        cursor.execute("ALTER TABLE task_instance DROP CONSTRAINT task_instance_dag_run_fkey")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE is_nullable = 'NO'"
            " AND table_name = 'task_instance' AND column_name <> 'id'"
        )
        for (column,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE task_instance ALTER COLUMN {column} DROP NOT NULL")
    return put


@pytest.fixture
def take(broker):
    """Give a function that takes a message; acknowledged, it is not put back on leaving."""

    def take():
        with Connection(broker.url) as connection, connection.SimpleQueue(QUEUE) as queue:
            message = queue.get(block=False)
            message.ack()
            return message.payload

    return take


@contextlib.contextmanager
def _database(services):
    connection = psycopg2.connect(services[METADATA_URL].replace("+psycopg2", ""))
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        yield cursor


def test_what_an_ended_worker_had_not_begun_is_there_to_be_taken_again(
    broker, put, send, take, services, moment
):
    for name in ("begun", "lost", "put back", "waits", "later"):
        put(name)
    assert [take(), take(), take()] == ["begun", "lost", "put back"]
    send("put back")  # by a worker that had the time to leave
    broker.worker_ended()
    broker.look_after()
    assert take() == "waits"
    with _database(services) as cursor:
        cursor.execute("UPDATE task_instance SET state = 'running' WHERE task_id = 'begun'")

    moment[0] += LOST_SECONDS
    broker.look_after()

    assert [take(), take(), take()] == ["lost", "later", "put back"]
    with (
        Connection(broker.url) as connection,
        connection.SimpleQueue(QUEUE) as queue,
        pytest.raises(queue.Empty),
    ):
        queue.get(block=False)
