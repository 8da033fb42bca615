"""Chunks hold all rows once, quality is what it says, and tracking never stops the data."""

import json
import zlib
from itertools import pairwise

import mlflow
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagproof.testing import xcom_round_trip
from etl_quality import extract, transform
from mlops import rate_limit, storage, task_context
from mlops.failures import PermanentError
from mlops.storage import StorageError
from mlops.task_context import TaskIdentity

PATIENT = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def plan(rows=100, chunks=3, source=extract.MADE, seed=42):
    return extract.plan_chunks("r", source, rows, chunks, seed)


def track(chunk, *, mlflow_enable=False):
    return transform.transform_and_track(chunk, mlflow_enable=mlflow_enable)


def runs(server):
    experiment = server.get_experiment_by_name("etl_quality_tracking")
    return server.search_runs([experiment.experiment_id])


def given_source(tmp_path, table, name="orders.csv"):
    path = tmp_path / name
    table.to_csv(path, index=False) if name.endswith("csv") else table.to_parquet(path)
    return path.as_uri()


ORDERS = pd.DataFrame(
    {
        "order_id": [1, 2, 3],
        "customer": [" ann", "Bob ", None],
        "quantity": [2, None, 1],
        "price": [1.5, 2.0, 0.1],
    }
)


@PATIENT
@given(st.integers(1, 60), st.integers(1, 20))
def test_chunks_hold_each_row_once(rows, chunks):
    planned = plan(rows, chunks)
    assert len(planned) == min(rows, chunks)
    assert planned[0]["first"] == 0
    assert planned[-1]["last"] == rows
    assert all(a["last"] == b["first"] for a, b in pairwise(planned))
    sizes = [chunk["last"] - chunk["first"] for chunk in planned]
    assert max(sizes) - min(sizes) <= 1


def test_made_orders_are_the_same_for_the_same_seed(data_root):
    def bytes_of(seed):
        plan(seed=seed)
        return (data_root / "etl_quality" / "r" / "orders.parquet").read_bytes()

    first = bytes_of(1)
    assert bytes_of(1) == first
    assert bytes_of(2) != first


def test_made_orders_lack_values_here_and_there():
    nulls = extract.read_table(plan(rows=5000)[0]["orders"]).isna().mean()
    assert nulls["order_id"] == 0
    assert all(0 < nulls[name] < 0.06 for name in ("customer", "quantity", "price"))


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_given_orders_are_transformed(tmp_path, name):
    [chunk] = plan(source=given_source(tmp_path, ORDERS, name), chunks=1)
    told = track(chunk)
    table = extract.read_table(chunk["target"])
    assert [c if isinstance(c, str) else None for c in table["customer"]] == ["ANN", "BOB", None]
    assert table["revenue"].fillna(-1).tolist() == [3.0, -1.0, 0.1]
    assert (told["rows"], told["nulls"], told["cells"]) == (3, 3, 15)
    assert told["null_rate"] == 0.2
    assert told["checksum"] == zlib.crc32(table.to_csv(index=False).encode())
    assert 0 <= told["checksum"] < 2**32, "a double holds it exactly"
    assert xcom_round_trip(told).losses == ()


def test_checksum_tells_of_each_change_and_of_no_index():
    same, other = ORDERS.set_index([[7, 8, 9]]), ORDERS.assign(price=[1.5, 2.0, 0.2])
    assert transform.quality(same) == transform.quality(ORDERS)
    assert transform.quality(other)["checksum"] != transform.quality(ORDERS)["checksum"]


def test_empty_table_has_no_nulls():
    assert transform.quality(ORDERS.iloc[:0])["null_rate"] == 0.0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (ORDERS.drop(columns=["price", "customer"]), "lacks `customer`, `price`; repair"),
        (ORDERS.assign(price=["a", "b", "c"]), "values of another kind in `price`; repair"),
        (ORDERS.assign(customer=[1, 2, 3]), "values of another kind in `customer`; repair"),
        (ORDERS.iloc[:0], "has no rows"),
    ],
)
def test_source_that_holds_no_orders_is_told(tmp_path, table, said):
    with pytest.raises(PermanentError, match=said):
        plan(source=given_source(tmp_path, table, "orders.parquet"))


def test_source_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "a.parquet").write_text("no parquet")
    with pytest.raises(PermanentError, match="cannot be read as parquet"):
        plan(source=(tmp_path / "a.parquet").as_uri())
    with pytest.raises(PermanentError, match=r"is no \.csv or \.parquet"):
        plan(source="file:///a.txt")
    with pytest.raises(StorageError, match="does not exist"):
        plan(source="file:///nowhere.csv")


def test_column_without_any_value_is_of_no_wrong_kind(tmp_path):
    table = ORDERS.assign(customer=None)
    [chunk] = plan(source=given_source(tmp_path, table, "orders.parquet"), chunks=1)
    assert track(chunk)["nulls"] == 5


def test_schema_that_changed_since_the_plan_is_told(data_root):
    chunk = plan()[0]
    extract.write_table(chunk["orders"], ORDERS.drop(columns="price"))
    with pytest.raises(PermanentError, match="lacks `price`"):
        track(chunk)


def test_each_chunk_is_one_run_with_its_quality(server, monkeypatch):
    told = []
    for number, chunk in enumerate(plan()):
        identity = TaskIdentity("etl", "r", "transform_and_track", number, 1)
        monkeypatch.setattr(task_context, "current", lambda identity=identity: identity)
        told += [track(chunk, mlflow_enable=True) for _ in range(2)][-1:]
    found = {run.info.run_name: run for run in runs(server)}
    assert sorted(found) == ["etl_000", "etl_001", "etl_002"]
    for chunk in told:
        run = found[f"etl_{chunk['chunk']:03d}"]
        assert run.info.run_id == chunk["mlflow_run_id"]
        assert run.data.metrics == {
            "rows_processed": chunk["rows"],
            "null_rate": chunk["null_rate"],
            "checksum": chunk["checksum"],
        }
        assert run.data.params["sha256"] == chunk["sha256"]
        assert run.data.tags["chunk"] == str(chunk["chunk"])
    assert rate_limit.state()["taken"] == 6, "a retry is a call, too"


def test_tracking_that_is_not_wanted_asks_nobody(monkeypatch):
    monkeypatch.setattr(transform, "log_with_mlflow", lambda *_, **__: 1 / 0)
    assert track(plan()[0])["mlflow_run_id"] is None
    assert rate_limit.state() is None


def test_mlflow_that_is_away_costs_the_run_and_not_the_data(data_root):
    chunk = plan()[0]
    told = track(chunk, mlflow_enable=True)
    assert told["mlflow_run_id"] is None
    assert storage.exists(chunk["target"])


def test_deleted_experiment_costs_the_run_and_not_the_data(server):
    server.delete_experiment(server.create_experiment("etl_quality_tracking"))
    assert track(plan()[0], mlflow_enable=True)["mlflow_run_id"] is None
    assert mlflow.active_run() is None


def test_report_adds_up_in_any_order(data_root):
    done = [track(chunk) for chunk in plan(rows=1000)]
    told = transform.report("r", done, 0.5)
    assert transform.report("r", done[::-1], 0.5) == told
    assert told["rows"] == 1000
    assert told["chunks"] == 3
    assert told["tracked"] == 0
    assert told["checksum"] == sum(chunk["checksum"] for chunk in done) % 2**32
    whole = pd.concat([extract.read_table(chunk["target"]) for chunk in done])
    assert told["null_rate"] == transform.quality(whole)["null_rate"]
    kept = json.loads((data_root / "etl_quality" / "r" / "quality.json").read_text())
    assert [chunk["chunk"] for chunk in kept["chunks"]] == [0, 1, 2]


def test_lost_rows_are_told_and_the_report_is_kept(data_root):
    done = [track(chunk) for chunk in plan()]
    done[1]["rows"] -= 1
    with pytest.raises(PermanentError, match=r"100 rows were planned and 99 came out; see file://"):
        transform.report("r", done, 1.0)
    assert (data_root / "etl_quality" / "r" / "quality.json").exists()


def test_too_many_nulls_are_told(data_root):
    done = [track(chunk) for chunk in plan(rows=1000)]
    rate = transform.report("r", done, 1.0)["null_rate"]
    assert transform.report("r", done, rate)["null_rate"] == rate, "itself still good enough"
    with pytest.raises(PermanentError, match=r"is null, more than max_null_rate 0.001"):
        transform.report("r", done, 0.001)


@pytest.mark.parametrize(("told", "read"), [("True", True), ("false", False), (True, True)])
def test_boolean_is_read_as_templates_give_it(told, read):
    assert transform.tracking_wanted(told) is read


@pytest.mark.parametrize("told", ["", "None", "1", "yes"])
def test_what_is_neither_true_nor_false_is_told(told):
    with pytest.raises(PermanentError, match="give true or false"):
        transform.tracking_wanted(told)
