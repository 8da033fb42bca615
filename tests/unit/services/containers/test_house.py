"""Tenants in containers: what they are started from, how they become empty, where they go."""

import threading
import time
from types import SimpleNamespace

import pytest

from dagproof.model import Containers, UnavailableError
from dagproof.services.containers import house as house_module
from dagproof.services.containers import tenant as tenant_module
from dagproof.services.containers.house import ContainerHouse
from dagproof.services.places import Place

CLIENT = {"python": "/venv/bin/python", "versions": "abc"}
ALL = ("postgres", "mlflow", "s3")


def silent(*_):
    return None


class FakeBox:
    """A container; `asked` holds what was asked of it, in order."""

    def __init__(self, recipe, number):
        self.recipe = recipe
        self.url = f"http://127.0.0.1:{32000 + number}"
        self.asked = []
        self.removed = False
        self.status = 200

    def wait(self, path, check):
        check()
        self.asked.append(f"GET {path}")

    def request(self, method, path):
        self.asked.append(f"{method} {path}")
        return self.status

    def carry_out(self, command):
        self.asked.append(" ".join(command))

    def failure(self, sentence):
        return UnavailableError(sentence)

    def remove(self):
        self.removed = True


class FakeEngine:
    """Docker; `boxes` are all containers that were ever started."""

    made = []  # noqa: RUF012

    def __init__(self, lock):
        self.lock = lock
        self.boxes = []
        self.sweeps = 0
        self.images = SimpleNamespace(
            get=lambda name: SimpleNamespace(id=f"sha256:{name}{'0' * 9}")
        )
        FakeEngine.made.append(self)

    def start(self, recipe):
        box = FakeBox(recipe, len(self.boxes))
        self.boxes.append(box)
        return box

    def sweep(self):
        self.sweeps += 1

    def live(self, service):
        return [box for box in self.boxes if box.recipe.service == service and not box.removed]


class FakeCluster:
    """Postgres, whose databases are names."""

    made = []  # noqa: RUF012
    trouble = None

    def __init__(self, engine, image, host_port, dumps):
        self.started_from = (image, host_port, dumps)
        self.databases = {}
        self.templates = {}
        self.removed = False
        FakeCluster.made.append(self)

    def wait(self, check):
        if FakeCluster.trouble:
            raise FakeCluster.trouble

    def url(self, database):
        return f"outside/{database}"

    def url_inside(self, database):
        return f"inside/{database}"

    def template(self, name, build):
        if name not in self.templates:
            self.templates[name] = f"building_{name}"
            build(f"building_{name}")
        return f"template_{name}"

    def remove(self):
        self.removed = True


@pytest.fixture(autouse=True)
def migrated(monkeypatch):
    FakeEngine.made, FakeCluster.made, calls = [], [], []
    monkeypatch.setattr(FakeCluster, "trouble", None)
    monkeypatch.setattr(house_module, "Engine", FakeEngine)
    monkeypatch.setattr(house_module, "ContainerCluster", FakeCluster)
    stock = lambda *_: SimpleNamespace(ensure=lambda service, progress: f"{service}image")  # noqa: E731
    monkeypatch.setattr(house_module, "Stock", stock)
    monkeypatch.setattr(tenant_module, "migrate_airflow", lambda *how: calls.append(how))
    monkeypatch.setattr(
        tenant_module.databases,
        "copy",
        lambda c, template, name: c.databases.update({name: template}),
    )
    monkeypatch.setattr(
        tenant_module.databases, "drop", lambda c, name: c.databases.pop(name, None)
    )
    return calls


@pytest.fixture
def house(tmp_path):
    (tmp_path / "logs").mkdir()
    return ContainerHouse(
        Place(tmp_path, tmp_path / "s"), Containers(postgres_port=5544, s3_port=9001)
    )


def opened(house, name="1", wanted=ALL):
    tenant = house.tenant(name, CLIENT)
    found = tenant.open(wanted, silent, silent)
    tenant.start(silent, silent)
    return tenant, found


def test_a_tenant_has_databases_and_containers_of_its_own(house):
    tenant, found = opened(house)
    (engine,), (cluster,) = FakeEngine.made, FakeCluster.made

    assert cluster.databases == {
        "airflow_1": "template_airflow_abc",
        "mlflow_1": "template_mlflow_mlflowimage0_s3",
    }
    assert [len(engine.live(service)) for service in ("s3", "mlflow")] == [1, 1]
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "outside/airflow_1"
    assert found["MLFLOW_TRACKING_URI"] == engine.live("mlflow")[0].url
    assert found["AWS_ENDPOINT_URL"] == engine.live("s3")[0].url
    assert tenant.wanted == set(ALL)
    assert engine.sweeps == 1


def test_mlflow_is_told_where_others_are_inside(house):
    opened(house)
    recipe = FakeEngine.made[0].live("mlflow")[0].recipe

    assert recipe.environment["MLFLOW_BACKEND_STORE_URI"] == "inside/mlflow_1"
    assert recipe.environment["AWS_ENDPOINT_URL"] == "http://s3-1:5000"
    assert recipe.command[-2:] == ["--default-artifact-root", "s3://dagproof-mlflow"]
    assert "--no-serve-artifacts" in recipe.command
    assert (recipe.entrypoint, recipe.alias, recipe.image) == (
        ("mlflow", "server"),
        "mlflow-1",
        "mlflowimage",
    )
    assert not any(name.startswith("AIRFLOW") for name in recipe.environment)


def test_without_an_object_store_mlflow_keeps_artifacts_and_a_reset_removes_them(house):
    tenant, found = opened(house, wanted=("mlflow",))
    box = FakeEngine.made[0].live("mlflow")[0]
    tenant.reset(silent, silent)

    assert "--serve-artifacts" in box.recipe.command
    assert box.asked[-2:] == [
        "rm -rf /tmp/artifacts",
        "GET /api/2.0/mlflow/experiments/get?experiment_id=0",
    ]
    assert "AWS_ENDPOINT_URL" not in found
    assert FakeCluster.made[0].databases == {"mlflow_1": "template_mlflow_mlflowimage0_files"}


def test_the_airflow_of_the_client_migrates(house, migrated):
    opened(house)

    assert [(call[0], call[3]) for call in migrated] == [
        ("outside/building_airflow_abc", "/venv/bin/python")
    ]


def test_mlflow_migrates_in_a_container_that_goes_again(house):
    opened(house)
    first, second = [box for box in FakeEngine.made[0].boxes if box.recipe.service == "mlflow"]

    assert first.recipe.environment["MLFLOW_BACKEND_STORE_URI"].startswith(
        "inside/building_mlflow_"
    )
    assert first.recipe.alias == "building-1"
    assert (first.removed, second.removed) == (True, False)


def test_a_reset_copies_databases_and_empties_the_store_at_the_same_addresses(house):
    tenant, _ = opened(house)
    engine, cluster = FakeEngine.made[0], FakeCluster.made[0]
    before = len(engine.boxes)
    cluster.databases.clear()
    tenant.reset(silent, silent)

    assert len(engine.boxes) == before
    assert set(cluster.databases) == {"airflow_1", "mlflow_1"}
    assert engine.live("s3")[0].asked[-3:] == [
        "POST /moto-api/reset",
        "PUT /dagproof-data",
        "PUT /dagproof-mlflow",
    ]


def test_an_object_store_that_refuses_is_told(house):
    tenant = house.tenant("1", CLIENT)
    tenant.open(("s3",), silent, silent)
    FakeEngine.made[0].boxes[0].status = 500

    with pytest.raises(
        UnavailableError, match="object store answers 500 to `POST /moto-api/reset`"
    ):
        tenant.start(silent, silent)


def test_mlflow_moves_to_an_object_store_that_is_asked_for_later(house):
    tenant, first = opened(house, wanted=("mlflow",))
    tenant.open(("mlflow", "s3"), silent, silent)
    tenant.start(silent, silent)
    (mlflow,) = FakeEngine.made[0].live("mlflow")

    assert "--no-serve-artifacts" in mlflow.recipe.command
    assert tenant.environment["MLFLOW_TRACKING_URI"] == mlflow.url != first["MLFLOW_TRACKING_URI"]


def test_a_tenant_that_closes_leaves_nothing(house):
    tenant, _ = opened(house)
    tenant.close()

    assert FakeCluster.made[0].databases == {}
    assert FakeEngine.made[0].live("s3") == FakeEngine.made[0].live("mlflow") == []


def test_fixed_ports_are_those_of_the_services_that_up_keeps(house):
    opened(house, "up1")
    opened(house, "2")
    one, two = FakeEngine.made[0].live("s3")

    assert (one.recipe.host_port, two.recipe.host_port) == (9001, 0)
    assert FakeCluster.made[0].started_from[:2] == ("postgresimage", 5544)


def wait_for_idle(house, number):
    deadline = time.monotonic() + 5
    while len(house._idle) != number and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(house._idle) == number


def test_a_warm_house_has_a_set_for_the_next_client_and_takes_it_back(house):
    opened(house, "up1")
    house.keep_warm(CLIENT, ALL)
    wait_for_idle(house, 1)
    boxes = len(FakeEngine.made[0].boxes)
    other = {"python": "/other/bin/python", "versions": "xyz"}
    tenant = house.tenant("2", other)
    tenant.open(ALL, silent, silent)
    tenant.start(silent, silent)

    assert len(FakeEngine.made[0].boxes) == boxes
    assert FakeCluster.made[0].databases["airflow_spare"] == "template_airflow_xyz"
    tenant.close()
    wait_for_idle(house, 1)
    house.cool()
    assert house._idle == []
    assert len(FakeEngine.made[0].live("mlflow")) == 1


def test_keeping_warm_twice_makes_one_spare_set(house):
    house.keep_warm(CLIENT, ("s3",))
    house.keep_warm(CLIENT, ("s3",))
    wait_for_idle(house, 1)

    assert len(FakeEngine.made[0].live("s3")) == 1


def test_a_spare_set_that_cannot_be_had_is_not_there(house, monkeypatch):
    monkeypatch.setattr(FakeCluster, "trouble", UnavailableError("full"))
    done = threading.Event()
    monkeypatch.setattr(
        house_module.threading,
        "Thread",
        lambda target, args, daemon: SimpleNamespace(start=lambda: (target(*args), done.set())),
    )
    house.keep_warm(CLIENT, ALL)

    assert done.is_set()
    assert house._idle == []
    assert all(box.removed for box in FakeEngine.made[0].boxes)


def test_a_spare_set_that_is_too_late_is_removed(house, monkeypatch):
    def start(self):
        house.cool()
        self.target(*self.args)

    monkeypatch.setattr(
        house_module.threading,
        "Thread",
        lambda target, args, daemon: SimpleNamespace(
            start=lambda: start(SimpleNamespace(target=target, args=args))
        ),
    )
    house.keep_warm(CLIENT, ("s3",))

    assert house._idle == []
    assert FakeEngine.made[0].live("s3") == []


def test_a_postgres_that_does_not_answer_is_removed(house, monkeypatch):
    monkeypatch.setattr(FakeCluster, "trouble", UnavailableError("does not answer"))

    with pytest.raises(UnavailableError, match="does not answer"):
        house.cluster(silent, silent)
    assert FakeCluster.made[0].removed
    assert house.running_cluster() is None


def test_a_house_that_closes_sweeps_and_one_without_docker_does_not(house, tmp_path):
    unused = ContainerHouse(Place(tmp_path, tmp_path / "s"), Containers())
    unused.close()
    assert FakeEngine.made == []

    house.engine()
    house.close()
    assert FakeEngine.made[0].sweeps == 2


def test_it_stays_until_it_is_told_to_leave(house):
    thread = threading.Thread(target=house.run)
    thread.start()
    assert thread.is_alive()
    house.leave()
    thread.join(5)
    assert not thread.is_alive()


def test_a_tenant_that_cannot_be_emptied_is_removed(house, monkeypatch):
    opened(house, "up1")
    house.keep_warm(CLIENT, ("s3",))
    wait_for_idle(house, 1)
    tenant, _ = opened(house, "2", ("s3",))
    box = FakeEngine.made[0].live("s3")[-1]
    box.status = 503
    tenant.close()

    assert house._idle == []
    assert box.removed


def test_a_client_waits_for_a_set_that_is_about_to_be_ready(house, monkeypatch):
    go = threading.Event()
    monkeypatch.setattr(FakeCluster, "wait", lambda self, check: go.wait(5))
    house.keep_warm(CLIENT, ("postgres", "s3"))
    found = []
    client = threading.Thread(target=lambda: found.append(house.tenant("2", CLIENT)))
    client.start()
    client.join(0.1)
    assert found == []
    go.set()
    client.join(5)

    assert [tenant._name for tenant in found] == ["spare"]
