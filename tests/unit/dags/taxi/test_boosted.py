"""The boosted model learns what the linear one cannot, and loads without pickle."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from fixtures.tlc import write_month

from taxi.boosted import fit_boosted
from taxi.cells import add, reduce_month
from taxi.linear import fit_linear, to_pipeline
from taxi.pairs import ZonePairs
from taxi.scoring import design, score
from taxi.threads import one_thread
from taxi.train import TRUSTED


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    path = tmp_path_factory.mktemp("taxi") / "m.parquet"
    return reduce_month(write_month(path, rows=60_000))


@pytest.fixture(scope="module")
def boosted(cells):
    return fit_boosted(cells.filter(~pl.col("holdout")))


def test_beats_the_linear_model_on_trips_held_out(cells, boosted):
    fitting, held_out = cells.filter(~pl.col("holdout")), cells.filter("holdout")
    linear = to_pipeline(fit_linear(ZonePairs.of(fitting)))
    assert score(boosted, held_out) < 0.95 * score(linear, held_out)


def test_equal_cells_give_equal_trees_in_any_order(cells, boosted):
    fitting = cells.filter(~pl.col("holdout"))
    again = fit_boosted(add([fitting[::-1]]))
    assert np.array_equal(again.predict(design(cells)), boosted.predict(design(cells)))


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_loads_from_skops_with_the_trusted_types_and_predicts_the_same(cells, boosted, kind):
    model = boosted if kind == "boosted" else to_pipeline(fit_linear(ZonePairs.of(cells)))
    data = skops.io.dumps(model)
    assert set(skops.io.get_untrusted_types(data=data)) <= set(TRUSTED)
    again = skops.io.loads(data, trusted=TRUSTED)
    assert np.array_equal(again.predict(design(cells)), model.predict(design(cells)))


def test_predicts_for_zones_never_seen(boosted):
    rows = pd.DataFrame({"PULocationID": [999], "DOLocationID": [998], "hour": [5]})
    assert np.isfinite(boosted.predict(rows)).all()


def test_learns_from_a_single_cell():
    row = {"PULocationID": [1], "DOLocationID": [2], "hour": [3], "trips": [4], "seconds": [2400]}
    model = fit_boosted(pl.DataFrame(row))
    assert model.predict(design(pl.DataFrame(row)))[0] == pytest.approx(10.0)


def test_a_model_that_predicts_no_number_is_not_scored(cells):
    class Broken:
        def predict(self, rows):
            return np.full(len(rows), np.nan)

    with pytest.raises(ValueError, match="not finite"):
        score(Broken(), cells)
    with pytest.raises(ValueError, match="No trip to score on"):
        score(Broken(), cells.clear())
