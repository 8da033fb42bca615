"""`dagproof audit` finds the DAGs and the import errors that Airflow finds, on its every version.

The audit is held against a bag for each file, as the DAG processor fills them, and against one bag
of the whole folder, as everybody's tests have it. Only in the repository `order` do the two differ:
there files leave something behind for each other in their process, which the processor does not
let them, and nor does the audit.

Where Airflow does not agree with itself, from version to version:

- 3.0 does not look whether a task's executor is configured; later ones refuse the DAG.
- 3.0 and 3.1 pass over `x.PY`, and import archives of any name; later ones import the former, and
  of the latter those named `.zip`.
- 3.0 keeps `two/kept.py` where an ignore file says `two/**` and then `!two/**/kept.py`: the folder
  itself is not covered there, as it is later.
- 3.2 and 3.3 ask an exception for its text once more, and tell of the failure of `__str__` where
  that fails.
- 3.2 and 3.3 tell a DAG that is refused in an archive as an error of the archive, not of its file.
- Cycles, duplicate tasks and schedules are told of a DAG by 3.0, of a Dag later.

The audit tells of such an exception all the same; here the two are taken for equal.

And on all of them: a file of an archive that raises takes the DAGs in the blocks of the files
before it with it, unless they have a global name; of two DAGs of one id in one file one wins in
silence; of several DAGs that are refused in one file one is told. The oracle keeps the others, too.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ORACLE = Path(__file__).with_name("dagbag_oracle.py")
SAME = ("styles", "refused", "broken", "ignored", "regexp", "zipped", "plugged")
DUPLICATE = re.compile(r"AirflowDagDuplicatedIdException: Ignoring DAG (\S+) from ")


class Told(NamedTuple):
    """What is said of a folder, whoever says it.

    Of the files that have one id Airflow refuses all but the one that it happens to see first; here
    the DAG is told of all of them, and apart from that how often it was refused.

    Attributes:
        dags: pairs of file and DAG id, sorted.
        errors: pairs of file and the line that names the exception, sorted.
        refused: ids that more than one file has: once for every file but one.
    """

    dags: list
    errors: list
    refused: list


class Answers(NamedTuple):
    """What the oracle and the audit say of one repository."""

    whole: Told
    alone: Told
    audit: Told
    imports: list


@pytest.fixture(scope="module")
def answers(parity_repository):
    """Ask the oracle and the audit about the repository of a name, each once."""
    known = {}

    def ask(name):
        if name not in known:
            root = parity_repository(name)
            known[name] = ask_both(root)
        return known[name]

    return ask


def ask_both(root):
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    plugins = ["plugins"] if (root / "plugins").is_dir() else []
    declared = settings["tool"]["dagproof"].get("env", {})
    oracle = json.loads(process(root, "-P", str(ORACLE), "dags", *plugins, env=declared))
    report = json.loads(process(root, "-m", "dagproof", "audit", "--format", "json"))
    imports = [
        one for one in report["imports"] if one["path"].startswith("dags/") and not one["skipped"]
    ]
    found = [(short(one["path"]), dag_id) for one in imports for dag_id in one["dag_ids"]]
    texts = [(short(one["path"]), error["traceback"]) for one in imports for error in one["errors"]]
    whole, alone = (
        told(root / "dags", oracle[key]["dags"], oracle[key]["errors"])
        for key in ("whole", "alone")
    )
    return Answers(whole, alone, told(root / "dags", found, texts), imports)


def process(root, *arguments, env=None):
    own = ("AIRFLOW", "DAGPROOF_", "PYTEST_", "PYTHONPATH")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**clean, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    return done.stdout


def short(path):
    return str(Path(path).relative_to("dags"))


def told(dags, found, texts):
    """Reduce what is said to what can be compared; files in archives count as their archive."""

    def outer(file):
        ways = (Path(file), *Path(file).parents)
        return next((str(way) for way in ways if (dags / way).is_file()), file)

    ids = {(outer(file), dag_id) for file, dag_id in found}
    errors, refused = [], []
    for file, text in texts:
        line = named(text) if outer(file) != "unspeakable.py" else "what cannot be shown"
        duplicate = DUPLICATE.match(line)
        if duplicate:
            ids.add((outer(file), duplicate[1]))
            refused.append(duplicate[1])
        else:
            errors.append((outer(file), line))
    return Told(sorted(ids), sorted(errors), sorted(refused))


def named(text):
    """Return the line of an error that names its last exception: `Type: first line of its message`.

    A type is told without its module, which has a hash in its name where the DAG file defines it;
    addresses are told as none, and the members of sets in order.
    """
    lines = text.rstrip().splitlines()
    if any("Exception Group Traceback" in line for line in lines):
        lines = [line[4:] for line in lines if line.startswith("  | ")]
    heads = [at for at, line in enumerate(lines) if line.startswith("Traceback (most recent")]
    body = lines[heads[-1] + 1 :] if heads else lines
    name, colon, message = next(line for line in body if not line.startswith(" ")).partition(": ")
    message = re.sub(r" at 0x[0-9a-f]+", "", message)
    message = re.sub(r"{([^{}]*)}", lambda found: str(sorted(found[1].split(", "))), message)
    return f"{name.rpartition('.')[2]}{colon}{message.rstrip()}"


@pytest.mark.parametrize("repository", [*SAME, "order"])
def test_audit_finds_the_dags_that_airflows_processor_finds(answers, repository):
    assert answers(repository).audit.dags == answers(repository).alone.dags


@pytest.mark.parametrize("repository", [*SAME, "order"])
def test_audit_tells_the_import_errors_that_airflows_processor_tells(answers, repository):
    assert answers(repository).audit.errors == answers(repository).alone.errors


@pytest.mark.parametrize("repository", SAME)
def test_audit_finds_and_tells_what_one_bag_of_the_whole_folder_does(answers, repository):
    assert answers(repository).audit == answers(repository).whole


@pytest.mark.parametrize("repository", SAME)
def test_error_is_told_by_the_type_and_the_message_that_end_its_traceback(answers, repository):
    for one in answers(repository).imports:
        for error in one["errors"]:
            if "<exception str() failed>" in error["traceback"]:
                continue  # it has no message that could be told
            name, _, message = named(error["traceback"]).partition(": ")
            assert name == error["type"]
            assert [*named(f": {error['message']}")[2:].splitlines(), ""][0].startswith(message)


def test_order_is_where_airflow_does_not_agree_with_itself(answers):
    assert answers("order").whole.dags != answers("order").alone.dags
