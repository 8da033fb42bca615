"""A CSV is taken as it is, refused in one sentence, and split by the content of its rows."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from mlops.failures import PermanentError
from mlops.storage import StorageError
from model_selection import data


def fetched(tmp_path, table, run="r"):
    path = tmp_path / "given.csv"
    if isinstance(table, bytes):
        path.write_bytes(table)
    else:
        table.to_csv(path, index=False)
    return data.fetch(run, f"file://{path}")


def refused(tmp_path, table, target="target"):
    given = fetched(tmp_path, table)
    with pytest.raises(PermanentError) as caught:
        data.validate(given, target)
    said = str(caught.value)
    assert said.startswith(f"{given['raw']} ")
    assert "\n" not in said
    return said


def parts(valid):
    return data.read_part(valid["train"]), data.read_part(valid["test"])


def test_bundled_table_is_split_whole_into_about_four_to_one(tumours, data_root):
    valid = data.validate(data.fetch("manual__1", "sklearn"), "target")
    assert valid["base"].startswith(f"file://{data_root}/model_selection/manual__1")
    assert (valid["train_rows"], valid["test_rows"], valid["classes"]) == (450, 119, 2)
    assert valid["features"] == list(tumours.columns[:-1])
    again = pd.concat(parts(valid)).sort_values(list(tumours.columns), ignore_index=True)
    wanted = tumours.sort_values(list(tumours.columns), ignore_index=True)
    pd.testing.assert_frame_equal(again, wanted)


def test_given_file_is_copied_byte_for_byte(tmp_path, tumours):
    given = fetched(tmp_path, tumours)
    content = (tmp_path / "given.csv").read_bytes()
    assert given["sha256"] == hashlib.sha256(content).hexdigest()
    with data.storage.local_copy(given["raw"]) as copy:
        assert copy.read_bytes() == content


def test_each_run_has_a_folder_of_its_own():
    bases = {data.fetch(run, "sklearn")["base"] for run in ("r:1", "r_1", "r/1")}
    assert len(bases) == 3


def test_missing_source_is_named():
    with pytest.raises(StorageError, match=r"file:///no/such\.csv does not exist"):
        data.fetch("r", "file:///no/such.csv")


def test_row_is_on_the_same_side_in_any_order_and_company(tmp_path, tumours):
    whole = data.validate(fetched(tmp_path, tumours), "target")
    half = tumours.sample(frac=0.5, random_state=1)
    part = data.validate(fetched(tmp_path, half, "other"), "target")
    keys = [{tuple(row) for row in table.to_numpy()} for table in (*parts(whole), *parts(part))]
    train, test, half_train, half_test = keys
    assert half_train < train
    assert half_test < test
    assert not train & test


def test_equal_features_stay_together_and_minus_zero_is_zero(tmp_path, tumours):
    doubled = pd.concat([tumours, tumours.assign(target=1 - tumours["target"])])
    train, test = parts(data.validate(fetched(tmp_path, doubled), "target"))
    features = list(tumours.columns[:-1])
    sides = [{tuple(row) for row in side[features].to_numpy()} for side in (train, test)]
    assert not sides[0] & sides[1]
    for value in range(40):
        row = np.array([0.0, float(value)])
        assert data._is_held_out(row) == data._is_held_out(np.array([-0.0, float(value)]))


def test_text_classes_and_yes_or_no_features_are_fine(tmp_path, tumours):
    named = tumours.assign(
        target=tumours["target"].map({0: "malignant", 1: "benign"}),
        large=tumours["mean radius"] > 14,
    )
    valid = data.validate(fetched(tmp_path, named), "target")
    assert "large" in valid["features"]
    assert valid["classes"] == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"cannot be read as CSV (No columns to parse from file)"),
        (b"\xff\xfe\x00", "cannot be read as CSV"),
        (b'a,target\n"1,2\n', "cannot be read as CSV"),
        (b"a,b\n1,2\n", "has no column `target`"),
        (b"target\n1\n", "has no column beside `target`"),
        (b"a,target\n", "has 0 rows where at least 100 are needed"),
    ],
)
def test_source_that_is_no_table_to_learn_from_is_one_sentence(tmp_path, content, complaint):
    assert complaint in refused(tmp_path, content)


def test_text_infinity_gaps_broken_classes_and_one_class_are_refused(tmp_path, tumours):
    assert "holds no numbers in `note`" in refused(tmp_path, tumours.assign(note="x"))
    broken = tumours.copy()
    broken.loc[[1, 2], "mean area"] = None
    assert "has 2 missing values in `mean area`" in refused(tmp_path, broken)
    broken = tumours.copy()
    broken.loc[0, "mean area"] = float("inf")
    assert "infinite values in `mean area`" in refused(tmp_path, broken)
    assert "numbers in `target` that name no class" in refused(
        tmp_path, tumours.assign(target=tumours["target"] + 0.5)
    )
    assert "one class only in `target`" in refused(tmp_path, tumours.assign(target=1))
    assert "at least 100 are needed" in refused(tmp_path, tumours.head(99))


def test_class_that_only_one_side_would_see_is_refused(tmp_path, tumours):
    rare = tumours.copy()
    rare.loc[0, "target"] = 2
    said = refused(tmp_path, rare)
    assert "of class `2` for the t" in said
    assert "where 2 are needed" in said
