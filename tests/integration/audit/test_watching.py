"""`dagproof audit` sees what files do while they are imported, at the lines that do it.

What a file is to be seen doing stands beside the line that does it, behind `#:`.
"""

import json
import os
import re
import subprocess
import sys
import textwrap

import pytest

from dagproof.rules import IMPORTS

EXAMPLES = {rule.code: rule for rule in IMPORTS}
MARK = re.compile(r"#: (.+)$")

EFFECTS = """\
    import contextlib, ctypes, os, socket, sqlite3, subprocess, threading, time

    import mlflow
    from airflow.sdk import DAG, BaseHook, Variable

    import helper

    tried = contextlib.suppress(Exception)
    with tried:
        mlflow.set_experiment("größe")  #: mlflow
    with tried: ü = "ä"; socket.create_connection(("rates.test", 443))  #: network
    with tried:
        sqlite3.connect("{root}/left.db")  #: database
    with tried:
        Variable.get("bucket")  #: airflow-metadata
    with tried:
        BaseHook.get_connection("warehouse")  #: airflow-metadata
    with tried:
        open("{root}/left.txt", "w")  #: filesystem-write
    with tried:
        os.mkdir("{root}/left")  #: filesystem-write
    with tried:
        os.listdir("{root}")  #: filesystem-read
    with tried:
        subprocess.run(["touch", "{root}/left.touched"])  #: subprocess
    with tried:
        os.system("touch {root}/left.system")  #: subprocess
    os.environ["LEFT"] = "1"  #: environment
    time.sleep(0.01)  #: sleep
    threading.Thread(target=print).start()  #: thread
    with tried:
        ctypes.CDLL("libc.so.6")  #: native
    with tried:
        helper.write()
    with DAG("effects", schedule=None):
        pass
"""
HELPER = """\
    def write():
        with open("{root}/left.helper", "w") as file:  #: filesystem-write
            file.write("left")
"""
ONWARD = """\
    import os
    import socket
    import urllib.request

    import mlflow
    from airflow.sdk import DAG, Variable

    run = mlflow.start_run()  #: mlflow
    settings = Variable.get("settings", deserialize_json=True)  #: airflow-metadata
    rates = urllib.request.urlopen(settings["url"]["rates"]).read()  #: network
    for rate in rates.split():
        if not rate:
            continue
        os.makedirs("{root}/left/" + rate["name"])  #: filesystem-write
    with open("{root}/left.txt", "w") as file:  #: filesystem-write
        file.write(str(len(rates)))
        socket.create_connection(("rates.test", 5432))  #: network
    with DAG("onward", schedule=None, params={{"rates": str(rates)}}):
        pass
"""
LEAKS = """\
    import logging, os, random, signal, sys, warnings

    from airflow.sdk import DAG

    sys.path.append("/opt/lib")  #: sys.path
    logging.getLogger().setLevel(7)  #: logging

    def seed():
        random.seed(42)  #: random

    seed()
    warnings.simplefilter("error")  #: warnings
    signal.signal(signal.SIGUSR1, lambda *_: None)  #: signal handlers
    os.umask(0o055)  #: the umask
    sys.setprofile(None)  #: sys.setprofile
    with DAG("leaks", schedule=None):
        pass
"""
UNSTABLE = """\
    import os, platform, random, uuid
    from datetime import datetime

    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG

    names = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"}
    with DAG("clock", schedule=None, start_date=datetime.now()):
        pass
    with DAG("order", schedule=None, params={"names": ", ".join(names)}):
        pass
    with DAG("machine", schedule=None, description=platform.node() + os.getcwd()):
        pass
    with DAG("chance", schedule=None, description=str(uuid.uuid4())):
        EmptyOperator(task_id="task", retries=random.randrange(10**9))
    with DAG("steady", schedule=None, tags=names, start_date=datetime(2024, 1, 1)):
        [EmptyOperator(task_id=name) for name in sorted(names)]
"""
HANG = """\
    from airflow.sdk import DAG

    def wait():
        while True:
            pass  #: it was still running after 2 s

    with DAG("hang"):
        wait()
"""
ENDS = {
    "crash": """\
        import faulthandler

        from airflow.sdk import DAG

        faulthandler._sigsegv()  #: signal SIGSEGV ended its process
    """,
    "leave": """\
        import os

        from airflow.sdk import DAG

        def leave():
            os._exit(3)  #: `os._exit(3)` ended its process

        leave()
    """,
    "kill": """\
        import os, signal

        from airflow.sdk import DAG

        os.kill(os.getpid(), signal.SIGKILL)  #: signal SIGKILL ended its process
    """,
}
EXHAUSTED = {
    "memory": """\
        from airflow.sdk import DAG

        taken = []
        while True:
            taken.append(b"x" * 2**24)  #: MemoryError
    """,
    "recursion": """\
        from airflow.sdk import DAG

        def again():
            return again()  #: RecursionError

        again()
    """,
}
ALLOWED = """\
    from pathlib import Path

    from airflow.sdk import DAG

    Path("{root}/out/made.txt").write_text("made")  #: filesystem-write
    try:
        Path("{root}/outside.txt").write_text("made")  #: filesystem-write
    except PermissionError:
        pass
    with DAG("allowed", schedule=None):
        pass
"""
GOOD = """\
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG

    with DAG("good", schedule=None):
        EmptyOperator(task_id="task")
"""
SOURCES = {
    "dags/effects.py": EFFECTS.replace("{}", "{{}}"),
    "plugins/helper.py": HELPER,
    "dags/onward.py": ONWARD,
    "dags/allowed.py": ALLOWED,
    **{f"dags/{name}.py": text for name, text in (ENDS | EXHAUSTED).items()},
    "dags/leaks.py": LEAKS,
    "dags/unstable.py": UNSTABLE,
    "dags/good.py": GOOD,
    "hanging/good.py": GOOD,
    "hanging/hang.py": HANG,
    "hanging/rule.py": EXAMPLES["DP221"].bad,
}


def audited(root, *options):
    """Return the report of an audit in a repository."""
    own = ("AIRFLOW", "DAGPROOF_", "PYTEST_", "PYTHONPATH", "MLFLOW_")
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "audit", "--format", "json", *options],
        cwd=root, capture_output=True, text=True, check=False, timeout=300,
        env={name: text for name, text in os.environ.items() if not name.startswith(own)},
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


def marked(root, path):
    """Return what is marked in a file, each with its line."""
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    found = [(number, MARK.search(line)) for number, line in enumerate(lines, start=1)]
    return [(number, match[1]) for number, match in found if match]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("watched")
    for name, text in SOURCES.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        source = textwrap.dedent(text)
        path.write_text(source.format(root=root) if "{root}" in source else source, "utf-8")
    (root / "out").mkdir()
    (root / "pyproject.toml").write_text(
        "[tool.dagproof]\nplugins = 'plugins'\n[tool.dagproof.budgets]\nimport-memory = 400\n",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def report(root):
    return audited(root, "dags", "--allow", f"filesystem-write:{root}/out/*")


@pytest.fixture(scope="module")
def traces(report):
    return by_file(report)[0]


@pytest.fixture(scope="module")
def findings(report):
    return by_file(report)[1]


@pytest.fixture(scope="module")
def hanging(root):
    """Return traces and findings of files of which some do not end, in little time."""
    return by_file(audited(root, "hanging", "--timeout", "2", "--once"))


def by_file(report):
    """Return the traces by file, and the findings: the codes, line and message of each."""
    found = {}
    for one in report["findings"]:
        codes = {one["code"], *one["also"]}
        found.setdefault(one["path"], []).append((codes, one["line"], one["message"]))
    return {one["path"]: one for one in report["imports"]}, found


# Effects


def seen(trace, path):
    """Return the effects that were seen at places of a file."""
    return sorted((one["line"], one["kind"]) for one in trace["effects"] if one["path"] == path)


def test_every_kind_of_effect_is_found_at_its_line(root, traces):
    path = "dags/effects.py"
    expected = [(line, kind.replace("native", "subprocess")) for line, kind in marked(root, path)]

    assert seen(traces[path], path) == expected
    assert traces[path]["dag_ids"] == ["effects"]


def test_effect_of_a_helper_is_found_there_with_the_way_to_it(root, traces):
    [(line, _)] = marked(root, "plugins/helper.py")
    [effect] = [
        one for one in traces["dags/effects.py"]["effects"] if one["path"] != "dags/effects.py"
    ]

    assert (effect["path"], effect["line"], effect["refused"]) == ("plugins/helper.py", line, True)
    assert [one["path"] for one in effect["chain"]] == ["dags/effects.py"]


def test_every_rule_of_an_effect_finds_its_effect(root, findings):
    kinds = dict(marked(root, "dags/effects.py"))
    rules = {rule.kind.value: rule.code for rule in IMPORTS if rule.code < "DP211"}
    expected = {
        ("DP211" if kind == "native" else rules[kind], line) for line, kind in kinds.items()
    }

    found = {
        (code, line)
        for codes, line, _ in findings["dags/effects.py"]
        for code in codes
        if "DP201" <= code <= "DP211"
    }
    assert found == expected


def test_columns_count_characters(traces):
    [effect] = [one for one in traces["dags/effects.py"]["effects"] if one["kind"] == "network"]
    text = textwrap.dedent(EFFECTS).splitlines()[effect["line"] - 1]

    assert text[effect["column"] - 1 :].startswith("socket.create_connection(")


def test_nothing_is_left_on_disk(root, report):
    assert report["imports"]
    assert sorted(path.name for path in root.iterdir()) == [
        "dags", "hanging", "out", "plugins", "pyproject.toml",
    ]  # fmt: skip
    assert {path.suffix for path in (root / "dags").iterdir()} <= {".py", ""}


def test_stand_ins_let_one_pass_find_all(root, traces):
    path = "dags/onward.py"

    assert seen(traces[path], path) == marked(root, path)
    assert all(error["type"] != "SyntaxError" for error in traces[path]["errors"])


def test_error_that_the_audit_caused_is_no_finding(findings):
    codes = set().union(*(codes for codes, _, _ in findings["dags/onward.py"]))

    assert "DP220" not in codes
    assert {"DP201", "DP202", "DP204", "DP205"} <= codes


def test_what_is_allowed_is_written_and_nothing_else(root, traces):
    path = "dags/allowed.py"
    refused = {one["line"]: one["refused"] for one in traces[path]["effects"]}

    assert [refused[line] for line, _ in marked(root, path)] == [False, True]
    assert (root / "out" / "made.txt").read_text(encoding="utf-8") == "made"
    assert traces[path]["dag_ids"] == ["allowed"]


# Ends


@pytest.mark.parametrize("name", ENDS)
def test_end_of_a_process_is_told_at_its_line(root, traces, findings, name):
    path = f"dags/{name}.py"
    [(line, what)] = marked(root, path)

    assert traces[path]["ending"] == "crashed"
    [(codes, found, message)] = findings[path]
    assert (codes, found) == ({"DP222"}, line)
    assert message.endswith(f": {what}")


def test_import_that_hangs_is_told_at_its_line(root, hanging):
    traces, findings = hanging
    path = "hanging/hang.py"
    [(line, what)] = marked(root, path)

    assert traces[path]["ending"] == "timed-out"
    [(codes, found, message)] = findings[path]
    assert codes == {"DP221"}
    assert found in {line - 1, line}
    assert message.endswith(f": {what}")


def test_file_beside_one_that_hangs_keeps_its_results(hanging):
    traces, findings = hanging

    assert traces["hanging/good.py"]["dag_ids"] == ["good"]
    assert "hanging/good.py" not in findings


@pytest.mark.parametrize("name", EXHAUSTED)
def test_exhaustion_is_told_at_its_line(root, findings, name):
    path = f"dags/{name}.py"
    [(line, _)] = marked(root, path)

    [(codes, found, _)] = [one for one in findings[path] if "DP222" in one[0]]
    assert codes == {"DP222"}
    assert found == line


def test_other_files_keep_their_results(traces, findings):
    assert traces["dags/good.py"]["dag_ids"] == ["good"]
    assert traces["dags/good.py"]["ending"] == "imported"
    assert "dags/good.py" not in findings
    assert len(traces) == len([name for name in SOURCES if name.startswith("dags/")])


# Leaks and differences


def test_leaks_are_told_at_the_lines_that_made_them(root, traces):
    path = "dags/leaks.py"

    found = sorted((leak["line"], leak["name"]) for leak in traces[path]["leaks"])
    assert found == marked(root, path)


def test_leaks_of_one_file_are_not_told_of_another(traces):
    assert [path for path, trace in traces.items() if trace["leaks"]] == ["dags/leaks.py"]


def test_dags_that_differ_from_import_to_import_are_told_apart(traces):
    differences = {
        (one["dag_id"], one["where"]) for one in traces["dags/unstable.py"]["differences"]
    }

    assert {dag_id for dag_id, _ in differences} == {"clock", "order", "machine", "chance"}
    assert ("clock", "start_date") in differences
    assert ("chance", "tasks.task.retries") in differences


def test_dags_that_differ_are_found_where_they_are_made(root, findings):
    lines = (root / "dags/unstable.py").read_text(encoding="utf-8").splitlines()
    found = {line for codes, line, _ in findings["dags/unstable.py"] if "DP224" in codes}

    assert {lines[line - 1].split('"')[1] for line in found} == {
        "clock", "order", "machine", "chance",
    }  # fmt: skip


# The rules' own examples

FIRST = "DP220"
"""Its DAG has the id of others: Airflow refuses all but the first."""


def examples(root, good):
    """Write the rules' examples, each into a folder of its own; return the folder of DAG files."""
    for rule in IMPORTS:
        if rule.code == "DP221" and not good:
            continue  # it takes its time, above
        folder = root / "dags" / f"{rule.code != FIRST:d}_{rule.code.lower()}"
        folder.mkdir(parents=True)
        text = rule.good if good else rule.bad
        if rule.code == "DP225" and not good:
            text = f"import making\n\n{text}"  # the module that the example stands for
        if rule.code == "DP228" and not good:
            (folder / ".airflowignore").write_text("*.py\n", encoding="utf-8")
        (folder / "example.py").write_text(text, encoding="utf-8")
    (root / "plugins").mkdir()
    (root / "plugins" / "making.py").write_text('"""Makes an airflow dag."""\n', encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.dagproof]\nplugins = 'plugins'\n", encoding="utf-8")


def committed(root, good):
    """Write and commit the DP229's other example alone, so that it is the only one of the past."""
    rule = EXAMPLES["DP229"]
    path = root / "dags" / "1_dp229" / "example.py"
    now = path.read_text(encoding="utf-8")
    path.write_text(rule.bad if good else rule.good, encoding="utf-8")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "dags/1_dp229"], ["commit", "-q", "-m", "before"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    path.write_text(now, encoding="utf-8")


def found_codes(root):
    """Return the codes that are found in the folder of each rule."""
    report = audited(root, "dags", "--against", "HEAD")
    found = {code: set() for code in EXAMPLES}
    for one in report["findings"]:
        found[one["path"].split("/")[1].partition("_")[2].upper()] |= {one["code"], *one["also"]}
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["bad", "good"])
def judged(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("examples")
    examples(root, request.param)
    committed(root, request.param)
    return request.param, found_codes(root)


def test_bad_example_is_found_by_its_own_rule_and_a_good_one_is_not(judged, hanging):
    good, found = judged
    if not good:
        found["DP221"] = set().union(*(codes for codes, *_ in hanging[1]["hanging/rule.py"]))

    assert {code for code in EXAMPLES if code in found[code]} == (set() if good else set(EXAMPLES))
