"""`dagproof lint` beside `ast.parse` and ruff's AIR rules, on the same generated DAG files.

Prints times and ratios from one run, on one core. CPU seconds count, since a machine may be shared;
wall seconds stand beside them. Budgets: at most 3 times `ast.parse` without memory, at most 0.3 s
with a warm one, at most 150 ms for one file as a whole process.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import dag_corpus

LINT = [sys.executable, "-m", "dagproof", "lint", "--format", "json"]

PARSE = """
import ast, pathlib, sys, time
texts = [path.read_bytes() for path in pathlib.Path("dags").rglob("*.py")]
cpu, wall = time.process_time(), time.perf_counter()
for text in texts:
    ast.parse(text)
print(time.process_time() - cpu, time.perf_counter() - wall)
"""

IN_PROCESS = """
import pathlib, time
from dagproof.config import load_settings
from dagproof.lint import LintRequest, lint
settings = load_settings(pathlib.Path.cwd())
cpu, wall = time.process_time(), time.perf_counter()
lint(settings, LintRequest(cached=False))
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


@dataclass(frozen=True, order=True)
class Cost:
    """CPU and wall seconds of the same work."""

    cpu: float
    wall: float


class Bench:
    """Runs commands in a repository, with bytecode and memory of their own."""

    def __init__(self, scratch, repository):
        self.repository = repository
        own = ("DAGPROOF_", "PYTHON")  # PYTHONDONTWRITEBYTECODE would have us compiled every time
        kept = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        self.environment = {
            **kept,
            "PYTHONPYCACHEPREFIX": str(scratch / "bytecode"),
            "DAGPROOF_CACHE": str(scratch / "cache"),
        }

    def whole(self, command):
        """Return what a process costs from its start to its end."""
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=self.repository, env=self.environment, stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode in {0, 1}, command
        return Cost(usage.ru_utime + usage.ru_stime, wall)

    def check(self, command):
        """Run a command that prints JSON; a crash would be the fastest of all."""
        done = subprocess.run(
            command, cwd=self.repository, env=self.environment, stdout=subprocess.PIPE, check=False
        )
        json.loads(done.stdout)

    def inside(self, script):
        """Return what a script says that its work cost."""
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=self.repository,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return Cost(*map(float, done.stdout.split()))


def cheapest(rounds, **measures):
    """Take all measures by turns; return the least cost of each."""
    costs = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            costs[name].append(measure())
    return {name: min(found) for name, found in costs.items()}


def tell(what, cost, floor=None, budget=""):
    times = "" if floor is None else f"{cost.cpu / floor.cpu:6.1f} x"
    line = f"  {what:34}{cost.cpu:8.3f} s CPU {cost.wall:8.3f} s wall {times:>9}  {budget}"
    print(line.rstrip(), flush=True)


def many(bench, rounds, ruff):
    """Compare what reading all files costs; return the floor."""
    no_cache = [*LINT, "--no-cache"]
    measures = {
        "floor": lambda: bench.inside(PARSE),
        "inside": lambda: bench.inside(IN_PROCESS),
        "whole": lambda: bench.whole(no_cache),
    }
    if ruff:
        command = [ruff, "check", "--select", "AIR", "--isolated", "--no-cache", "-q", "dags"]
        measures["ruff"] = lambda: bench.whole(command)
    costs = cheapest(rounds, **measures)
    floor = costs["floor"]
    tell("ast.parse of every file", floor)
    tell("lint without memory, in process", costs["inside"], floor, "budget 3 x")
    tell("lint without memory, whole process", costs["whole"], floor, "budget 3 x")
    if ruff:
        tell("ruff's AIR rules, whole process", costs["ruff"], floor)
    bench.whole(LINT)  # writes the memory
    warm = cheapest(rounds, warm=lambda: bench.whole(LINT))["warm"]
    tell("lint with memory, whole process", warm, floor, "budget 0.3 s")


def one(bench, rounds, file):
    """Compare what a commit of one file costs."""
    costs = cheapest(
        rounds,
        floor=lambda: bench.whole([sys.executable, "-c", "pass"]),
        file=lambda: bench.whole([*LINT, str(file)]),
    )
    tell("python -c pass", costs["floor"])
    tell("lint of one file, whole process", costs["file"], costs["floor"], "budget 0.15 s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--files", type=int, default=1500)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder).resolve()
        repository = scratch / "repository"
        files = dag_corpus.write(repository, options.files)
        sizes = [file.stat().st_size for file in files]
        typical = sorted(files, key=lambda file: file.stat().st_size)[len(files) // 2]
        bench = Bench(scratch, repository)
        bench.check([*LINT, str(typical)])  # writes the bytecode
        print(
            f"{len(files)} DAG files, median {statistics.median(sizes) / 1000:.1f} kB", flush=True
        )
        many(bench, options.rounds, ruff)
        print(f"one DAG file of {typical.stat().st_size / 1000:.1f} kB")
        one(bench, 5 * options.rounds, typical)


if __name__ == "__main__":
    main()
