"""Times a taxi month, parquet file to fitted linear model, against pandas and scikit-learn.

Both read the same generated yellow month, each in a process of its own, and the clock starts when
their imports are done. The ratio of the two is what counts; `--rows` makes the month smaller.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUDGET_RATIO, BUDGET_MEGABYTES, BUDGET_MINUTES = 60.0, 400.0, 1e-5


def reference(path):
    """Fit as the course does; return RMSE in minutes and the number of features."""
    import pandas as pd
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LinearRegression

    yield
    trips = pd.read_parquet(path)
    took = trips["tpep_dropoff_datetime"] - trips["tpep_pickup_datetime"]
    trips["duration"] = took.dt.total_seconds() / 60
    trips = trips[(trips["duration"] >= 1) & (trips["duration"] <= 60)]
    zones = trips[["PULocationID", "DOLocationID"]].astype(str)
    rows = DictVectorizer().fit_transform(zones.to_dict(orient="records"))
    model = LinearRegression().fit(rows, trips["duration"])
    error = model.predict(rows) - trips["duration"]
    yield float((error**2).mean() ** 0.5), rows.shape[1]


def ours(path):
    """Reduce the month to cells and solve; return RMSE in minutes and the number of features."""
    from taxi.cells import reduce_month
    from taxi.linear import fit_linear
    from taxi.pairs import ZonePairs

    yield
    fit = fit_linear(ZonePairs.of(reduce_month(path)))
    yield fit.rmse, fit.n_features


CONTENDERS = {"reference": reference, "ours": ours}


def measure(name, path):
    """Run one contender in this process and print what it took as JSON."""
    sys.path[:0] = [str(ROOT / "dags"), str(ROOT / "plugins")]
    steps = CONTENDERS[name](path)
    next(steps)
    begun, used = time.perf_counter(), time.process_time()
    rmse, features = next(steps)
    took = {"s": time.perf_counter() - begun, "cpu": time.process_time() - used}
    print(json.dumps(took | {"MB": peak_megabytes(), "rmse": rmse, "features": features}))


def peak_megabytes():
    """Return the peak resident memory of this process alone (ru_maxrss counts the parent's too)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name, path):
    """Measure a contender in a process of its own."""
    command = [sys.executable, __file__, "--measure", name, str(path)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_300_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the median counts")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure[0], Path(arguments.measure[1]))
        return 0
    sys.path.insert(0, str(ROOT / "tests"))
    from fixtures.tlc import write_month

    with tempfile.TemporaryDirectory() as folder:
        print(f"generating {arguments.rows:,} rows …", flush=True)
        path = write_month(Path(folder) / "month.parquet", "yellow", rows=arguments.rows)
        mine = sorted((run("ours", path) for _ in range(arguments.repeat)), key=lambda m: m["s"])
        measured = {"ours": mine[len(mine) // 2]}
        print("pandas + DictVectorizer + LinearRegression …", flush=True)
        measured["reference"] = run("reference", path)
    print(f"\n{'':10} {'seconds':>9} {'CPU s':>9} {'peak MB':>9} {'features':>9} {'RMSE, min':>12}")
    for name, m in measured.items():
        took = f"{m['s']:9.3f} {m['cpu']:9.3f} {m['MB']:9.0f}"
        print(f"{name:10} {took} {m['features']:9} {m['rmse']:12.6f}")
    best, peer = measured["ours"], measured["reference"]
    ratio, apart = peer["s"] / best["s"], abs(best["rmse"] - peer["rmse"])
    held = {
        f"{ratio:.0f} x faster (budget {BUDGET_RATIO:.0f})": ratio >= BUDGET_RATIO,
        f"{best['MB']:.0f} MB (budget {BUDGET_MEGABYTES:.0f})": best["MB"] <= BUDGET_MEGABYTES,
        f"RMSE within {apart:.1e} min (budget {BUDGET_MINUTES:.0e})": apart <= BUDGET_MINUTES,
    }
    print("\n" + "\n".join(f"{'ok  ' if ok else 'OVER'} {text}" for text, ok in held.items()))
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
