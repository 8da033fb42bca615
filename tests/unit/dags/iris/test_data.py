"""The iris table is taken as it is, refused in one sentence, and split the same way each time."""

import pandas as pd
import pytest

from iris import data
from mlops.failures import PermanentError
from mlops.storage import StorageError


@pytest.fixture
def base():
    return data.create_directories("manual__2024-01-01T00:00:00+00:00")


@pytest.fixture
def table(base):
    return data.read_table(data.extract(base))


def refused(base, table):
    with pytest.raises(PermanentError) as caught:
        data.validate(data.write_table(f"{base}/raw.parquet", table))
    said = str(caught.value)
    assert said.startswith(f"{base}/raw.parquet ")
    assert said.endswith("; repair the source and run again.")
    assert "\n" not in said
    return said


def test_each_run_has_a_folder_of_its_own(data_root):
    bases = {data.create_directories(run) for run in ("r:1", "r_1", "r/1", "scheduled__1")}
    assert len(bases) == 4
    assert all(base.startswith(f"file://{data_root}/iris/") for base in bases)


def test_unwritable_data_root_is_known_before_any_work(data_root):
    data_root.write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        data.create_directories("r")


def test_bundled_table_has_150_rows_and_is_valid(base, table):
    assert table.shape == (150, 5)
    assert data.validate(f"{base}/raw.parquet") == f"{base}/raw.parquet"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_source_may_be_a_file(base, table, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    again = data.read_table(data.extract(base, f"file://{path}"))
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.txt", b"", "is no .csv or .parquet file"),
        ("x.csv", b"", r"cannot be read as csv \(No columns to parse from file\)"),
        ("x.csv", b"\xff\xfe\x00", "cannot be read as csv"),
        ("x.parquet", b"PAR1 and no more", "cannot be read as parquet"),
    ],
)
def test_source_that_is_no_table_is_one_sentence(base, tmp_path, name, content, complaint):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PermanentError, match=complaint) as caught:
        data.extract(base, f"file://{tmp_path}/{name}")
    assert "\n" not in str(caught.value)


def test_missing_source_is_named(base):
    with pytest.raises(StorageError, match=r"file:///no/such\.csv does not exist"):
        data.extract(base, "file:///no/such.csv")


def test_missing_columns_are_named(base, table):
    said = refused(base, table.drop(columns=["target", "petal width (cm)"]))
    assert "lacks the columns `petal width (cm)`, `target`" in said


def test_missing_values_are_counted_and_placed(base, table):
    table.loc[[1, 2], "petal width (cm)"] = None
    assert "has 2 missing values in `petal width (cm)`" in refused(base, table)


def test_99_rows_are_too_few_and_100_are_enough(base, table):
    assert "has 99 rows where at least 100 are needed" in refused(base, table.head(99))
    data.validate(data.write_table(f"{base}/raw.parquet", table.head(100)))


def test_text_infinity_broken_classes_and_one_class_are_refused(base, table):
    text = table.astype({"sepal width (cm)": str})
    assert "holds no numbers in `sepal width (cm)`" in refused(base, text)
    infinite = table.copy()
    infinite.loc[0, "sepal width (cm)"] = float("inf")
    assert "infinite values in `sepal width (cm)`" in refused(base, infinite)
    infinite.loc[0, "sepal width (cm)"] = 1e39  # infinite to a forest, which counts in 32 bits
    assert "infinite values in `sepal width (cm)`" in refused(base, infinite)
    assert "no whole numbers" in refused(base, table.assign(target=table["target"] + 0.5))
    assert "one class only" in refused(base, table.assign(target=1))


def test_columns_beyond_the_needed_are_left_out(base, table):
    raw = data.write_table(f"{base}/raw.parquet", table.assign(note="x"))
    split = data.preprocess(base, data.validate(raw), 0.2, 42)
    assert list(data.read_table(split["train"]).columns) == [*data.FEATURES, data.TARGET]


def test_split_keeps_every_row_once_and_is_repeatable(base, table):
    raw = f"{base}/raw.parquet"
    tables = []
    for _ in range(2):
        split = data.preprocess(base, raw, 0.2, 42)
        tables.append([data.read_table(split[name]) for name in ("train", "test")])
    (train, test), (train_again, test_again) = tables
    assert (len(train), len(test)) == (120, 30)
    pd.testing.assert_frame_equal(train, train_again)
    pd.testing.assert_frame_equal(test, test_again)
    order = [*data.FEATURES, data.TARGET]
    whole = pd.concat([train, test]).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(whole, table.sort_values(order, ignore_index=True))
