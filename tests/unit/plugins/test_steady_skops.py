"""Equal models are equal files."""

import subprocess
import sys

import numpy as np
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression

from mlops.steady_skops import steady

TRUSTED = ["sklearn.tree._tree.Tree"]
IN_ANOTHER_PROCESS = """
import sys, skops.io
from sklearn.linear_model import LinearRegression
from mlops.steady_skops import steady
pad = [object() for _ in range(1000)]
sys.stdout.buffer.write(steady(skops.io.dumps(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))))
"""


def forest(seed=0):
    rows = np.random.default_rng(1).random((60, 3))
    return RandomForestClassifier(5, random_state=seed).fit(rows, rows[:, 0] > 0.5)


def test_equal_models_are_equal_files_and_others_are_not():
    first, second = (steady(skops.io.dumps(forest())) for _ in range(2))
    assert first == second
    assert first != steady(skops.io.dumps(forest(seed=1)))


def test_file_loads_and_predicts_as_before():
    model = forest()
    loaded = skops.io.loads(steady(skops.io.dumps(model)), trusted=TRUSTED)
    rows = np.random.default_rng(2).random((40, 3))
    np.testing.assert_array_equal(loaded.predict_proba(rows), model.predict_proba(rows))


def test_another_process_writes_the_same():
    here = steady(skops.io.dumps(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])))
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": "plugins", "PATH": ""},
    ).stdout
    assert there == here
