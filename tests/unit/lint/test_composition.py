"""Files in, rules applied as the repository and the question want it, each finding once."""

import json

import pytest

from dagproof.config import load_settings
from dagproof.lint import composition, read_repository
from dagproof.model import Severity, UnavailableError, UsageError
from dagproof.verdict import known

REQUEST = 'import requests\nfrom airflow.sdk import dag\nrequests.get("https://example.com")\n'
SLEEP = "import time\nfrom airflow.sdk import dag\ntime.sleep(5)\n"
CLEAN = "from airflow.sdk import dag\n"
BOTH = (
    "import time\nimport requests\nfrom airflow.sdk import dag\n"
    'requests.get("https://example.com")\ntime.sleep(5)\n'
)
UNCALLED = """\
from airflow.sdk import dag, task


@dag(schedule=None)
def nightly():
    @task
    def one():
        return 1

    one()
"""


def codes(report):
    return [finding.code for finding in report.findings]


# What is read


def test_dags_and_plugins_folders_are_read_when_nothing_is_named(repository):
    repository.add("dags/a.py", REQUEST)
    repository.add("plugins/b.py", REQUEST)
    repository.add("elsewhere/c.py", REQUEST)

    assert repository.found() == [("dags/a.py", 3, "DP102"), ("plugins/b.py", 3, "DP102")]


def test_what_is_named_is_read_and_nothing_else(repository):
    repository.add("dags/a.py", REQUEST)
    named = repository.add("dags/b.py", REQUEST)
    folder = repository.add("elsewhere/deep/c.py", REQUEST).parent.parent

    assert repository.found(named, folder) == [
        ("dags/b.py", 3, "DP102"),
        ("elsewhere/deep/c.py", 3, "DP102"),
    ]


def test_nothing_to_read_is_refused_rather_than_called_clean(repository):
    with pytest.raises(UsageError, match=r"There is no dags folder at dags.*`dagproof init` finds"):
        repository.lint()

    repository.add("dags/notes.py", "x = 1\n")
    with pytest.raises(UnavailableError, match="There is no DAG file in dags"):
        repository.lint()
    with pytest.raises(UnavailableError, match="There is no DAG file in dags"):
        repository.lint(repository.root / "dags")


def test_init_is_not_offered_where_the_settings_name_the_folder(repository):
    repository.configure('dags = ["x"]')

    with pytest.raises(UsageError, match=r"no dags folder at x.*pyproject\.toml\.$"):
        repository.lint()


def test_plugins_alone_can_be_read(repository):
    repository.add("plugins/b.py", REQUEST)

    assert repository.found() == [("plugins/b.py", 3, "DP102")]


def test_absolute_and_relative_and_twice_named_paths_give_one_finding(repository, monkeypatch):
    file = repository.add("dags/a.py", REQUEST)

    relative = file.relative_to(repository.root)
    assert repository.found(file, relative, file.parent) == [("dags/a.py", 3, "DP102")]


def test_paths_are_shown_as_seen_from_the_working_directory(repository, monkeypatch):
    repository.configure("")
    repository.add("dags/team/a.py", REQUEST)
    repository.add("dags/b.py", REQUEST)
    monkeypatch.chdir(repository.root / "dags" / "team")

    assert repository.found() == [
        (str(repository.root / "dags" / "b.py"), 3, "DP102"),
        ("a.py", 3, "DP102"),
    ]


def test_file_outside_the_repository_is_read_and_shown_absolutely(repository, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text(REQUEST, encoding="utf-8")

    assert repository.found(outside) == [(str(outside), 3, "DP102")]


def test_settings_that_speak_of_files_do_not_mind_one_outside_the_repository(repository, tmp_path):
    repository.configure('exclude = ["*.sql"]\nper-file-ignores = { "dags/*" = ["DP102"] }')
    outside = tmp_path / "outside.py"
    outside.write_text(REQUEST, encoding="utf-8")

    assert repository.found(outside) == [(str(outside), 3, "DP102")]


def test_files_are_counted_with_those_that_cannot_be_read(repository):
    repository.add("dags/a.py", REQUEST)
    repository.add("dags/b.py", "from airflow import DAG\nbroken(")
    (repository.root / "dags" / "c.py").symlink_to("nowhere")

    assert repository.lint().files == 3


@pytest.mark.parametrize("ignore", [".airflowignore", ".gitignore"])
def test_ignored_files_are_not_read_unless_they_are_named(repository, ignore):
    repository.add(f"dags/{ignore}", "old_*.py\n")
    repository.add("dags/new.py", CLEAN)
    old = repository.add("dags/old_a.py", REQUEST)

    assert repository.found() == []
    assert repository.found(old) == [("dags/old_a.py", 3, "DP102")]


def test_excluded_files_are_not_read_though_a_hook_names_them(repository):
    repository.configure('exclude = ["dags/old/"]')
    new = repository.add("dags/new.py", REQUEST)
    old = repository.add("dags/old/a.py", REQUEST)

    assert repository.found() == [("dags/new.py", 3, "DP102")]
    assert repository.found(old, new) == [("dags/new.py", 3, "DP102")]
    assert repository.lint(old).clean


def test_ignored_helper_is_read_where_a_dag_file_imports_it(repository):
    repository.add("dags/.airflowignore", "helper.py\n")
    repository.add("dags/helper.py", 'import requests\nrequests.get("https://example.com")\n')
    repository.add("dags/a.py", "import helper\nfrom airflow.sdk import dag\n")

    assert repository.found() == [("dags/helper.py", 2, "DP102")]


# Across files


def test_finding_stands_at_the_effect_and_tells_the_way(repository):
    repository.add("dags/lib/__init__.py", "")
    repository.add(
        "dags/lib/http.py",
        "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n",
    )
    repository.add(
        "dags/lib/conf.py",
        "from lib.http import fetch\n\n\ndef load():\n    return fetch('https://example.com')\n",
    )
    repository.add(
        "dags/a.py",
        "from airflow.sdk import dag\nfrom lib import conf\n\nSETTINGS = conf.load()\n",
    )

    [finding] = repository.lint().findings

    assert (finding.span.path, finding.span.line, finding.span.column) == (
        "dags/lib/http.py",
        5,
        12,
    )
    assert finding.excerpt == "    return requests.get(url)"
    way = [(related.span.path, related.span.line) for related in finding.related]
    assert way == [("dags/a.py", 4), ("dags/lib/conf.py", 5)]


def test_finding_in_an_imported_module_tells_the_imports(repository):
    repository.add("dags/inner.py", 'import requests\nrequests.get("https://example.com")\n')
    repository.add("dags/outer.py", "import inner\n")
    repository.add("dags/a.py", "from airflow.sdk import dag\nimport outer\n")

    [finding] = repository.lint().findings

    assert (finding.span.path, finding.span.line) == ("dags/inner.py", 2)
    way = [(one.span.path, one.span.line, one.message) for one in finding.related]
    assert way == [("dags/a.py", 2, "imported here"), ("dags/outer.py", 1, "imported here")]


@pytest.mark.parametrize(("near", "far"), [("a", "b"), ("b", "a")])
def test_finding_that_two_files_lead_to_is_one_by_the_shorter_way(repository, near, far):
    repository.add("dags/helper.py", 'import requests\nrequests.get("https://example.com")\n')
    repository.add("dags/between.py", "import helper\n")
    repository.add(f"dags/{far}.py", "from airflow.sdk import dag\nimport between\n")
    repository.add(f"dags/{near}.py", "from airflow.sdk import dag\nimport helper\n")

    [finding] = repository.lint().findings

    assert [related.span.path for related in finding.related] == [f"dags/{near}.py"]


def test_function_that_two_files_call_is_one_finding(repository):
    repository.add(
        "dags/helper.py", "import requests\n\n\ndef fetch():\n    requests.get('https://x')\n"
    )
    repository.add("dags/a.py", "from airflow.sdk import dag\nimport helper\nhelper.fetch()\n")
    repository.add("dags/b.py", "from airflow.sdk import dag\nimport helper\nhelper.fetch()\n")

    assert repository.found() == [("dags/helper.py", 5, "DP102")]


def test_order_is_by_path_line_and_code_however_files_are_named(repository):
    names = ["dags/b.py", "dags/a/z.py", "dags/a.py", "dags/B.py"]
    files = [repository.add(name, BOTH) for name in names]

    forth, back = repository.found(*files), repository.found(*reversed(files))

    assert forth == back == sorted(forth)
    assert forth[:2] == [("dags/B.py", 4, "DP102"), ("dags/B.py", 5, "DP109")]


def test_dag_that_another_file_calls_is_not_uncalled(repository):
    repository.add("dags/defined.py", UNCALLED)
    assert repository.found() == [("dags/defined.py", 5, "DP120")]

    repository.add(
        "dags/caller.py", "from airflow.sdk import dag\nfrom defined import nightly\nnightly()\n"
    )
    assert repository.found() == []


# Which rules


def test_rules_that_ran_are_in_the_report(repository):
    repository.add("dags/a.py", CLEAN)
    usual = [rule.code for rule in repository.lint().rules]

    assert {"DP100", "DP101", "DP102", "DP120", "DP190"} <= set(usual)
    assert usual == sorted(usual)
    assert [rule.code for rule in repository.lint(select=["DP102"]).rules] == ["DP102"]


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({"select": ["DP102"]}, ["DP102"]),
        ({"select": ["DP10"]}, ["DP102", "DP109"]),
        ({"select": ["DP11"]}, []),
        ({"select": ["sleep-at-import"]}, ["DP109"]),
        ({"select": ["ALL"], "ignore": ["DP109"]}, ["DP102"]),
        ({"ignore": ["DP102"]}, ["DP109"]),
        ({"ignore": ["network-call-at-import"]}, ["DP109"]),
        ({"ignore": ["DP10"]}, []),
        ({"select": ["DP10"], "ignore": ["DP109"]}, ["DP102"]),
        ({"select": ["DP109"], "ignore": ["DP10"]}, ["DP109"]),
        ({"select": ["DP102", "DP109"], "ignore": ["DP109"]}, ["DP102"]),
    ],
    ids=str,
)
def test_question_chooses_rules_by_code_beginning_and_slug(repository, request_, found):
    repository.add("dags/a.py", BOTH)

    report = repository.lint(**request_)

    assert [code for code in codes(report) if code < "DP120"] == found


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ('select = ["DP102"]', ["DP102"]),
        ('ignore = ["DP102"]', ["DP109"]),
        ('select = ["DP1"]\nignore = ["sleep-at-import"]', ["DP102"]),
        ('per-file-ignores = { "dags/*.py" = ["DP102"] }', ["DP109"]),
        ('per-file-ignores = { "a.py" = ["DP10"] }', []),
        ('per-file-ignores = { "dags/b.py" = ["ALL"] }', ["DP102", "DP109"]),
    ],
)
def test_settings_choose_rules(repository, table, found):
    repository.configure(table)
    repository.add("dags/a.py", BOTH)

    report = repository.lint()

    assert [code for code in codes(report) if code < "DP120"] == found


def test_question_wins_over_the_settings(repository):
    repository.configure('select = ["DP102"]\nignore = ["DP109"]')
    repository.add("dags/a.py", BOTH)

    assert codes(repository.lint(select=["DP109"])) == ["DP109"]
    assert codes(repository.lint(ignore=["DP102"])) == []


def test_rules_of_taste_are_looked_for_beside_the_usual_ones(repository):
    repository.add("dags/a.py", CLEAN)
    usual = [rule.code for rule in repository.lint().rules]
    assert "DP160" not in usual

    report = repository.lint(extend_select=["DP160"])
    assert [rule.code for rule in report.rules] == sorted([*usual, "DP160"])

    repository.configure('extend-select = ["untagged-dag"]')
    assert repository.lint().rules == report.rules


def test_rules_that_watch_imports_are_known_words_and_not_looked_for(repository):
    repository.configure(
        """\
        extend-select = ["DP2", "slow-import"]
        ignore = ["DP223"]
        per-file-ignores = { "dags/*" = ["network-call-during-import"] }
        severity = { DP202 = "note" }
        """
    )
    repository.add("dags/a.py", REQUEST)

    for report in (repository.lint(), repository.lint(select=["ALL", "DP202"])):
        assert {rule.code[:3] for rule in report.rules} == {"DP1"}
        assert "DP102" in codes(report)
    assert repository.lint(select=["DP202"]).rules == ()


def test_ignored_rule_is_not_brought_back_by_a_wider_word(repository):
    repository.add("dags/a.py", CLEAN)

    rules = repository.lint(extend_select=["DP16"], ignore=["DP161"]).rules

    codes = {rule.code for rule in rules}
    assert "DP160" in codes
    assert "DP161" not in codes


def test_per_file_ignore_speaks_of_the_file_with_the_finding_and_not_of_who_imports_it(repository):
    repository.configure('per-file-ignores = { "dags/a.py" = ["DP102"] }')
    repository.add("dags/helper.py", 'import requests\nrequests.get("https://example.com")\n')
    repository.add("dags/a.py", "from airflow.sdk import dag\nimport helper\n" + REQUEST)

    assert repository.found() == [("dags/helper.py", 2, "DP102")]


def test_severity_of_the_settings_is_the_finding_s_and_notes_are_clean(repository):
    repository.configure('severity = { network-call-at-import = "note", DP109 = "warning" }')
    repository.add("dags/a.py", REQUEST)
    assert [one.severity for one in repository.lint().findings] == [Severity.NOTE]
    assert repository.lint().clean

    repository.add("dags/b.py", SLEEP)
    assert [one.severity for one in repository.lint().findings] == ["note", "warning"]
    assert not repository.lint().clean


# Comments


@pytest.mark.parametrize(
    "comment",
    [
        "# dagproof: ignore[DP102] the page is a fixture",
        "# dagproof: ignore[network-call-at-import]: the page is a fixture",
        "# dagproof: ignore[DP101, DP102] the page is a fixture",
    ],
)
def test_comment_with_a_reason_leaves_a_finding_out(repository, comment):
    repository.add("dags/a.py", REQUEST.replace('com")', f'com")  {comment}'))

    assert "DP102" not in codes(repository.lint())


def test_comment_above_the_line_and_over_the_file_leave_findings_out(repository):
    above = "# dagproof: ignore[DP102] a fixture\nrequests.get"
    repository.add("dags/a.py", REQUEST.replace("requests.get", above))
    repository.add("dags/b.py", f"# dagproof: ignore-file[DP102] a fixture\n{REQUEST}")

    assert codes(repository.lint()) == []


def test_comment_in_a_helper_holds_for_every_file_that_leads_there(repository):
    repository.add(
        "dags/helper.py",
        "import requests\n\n\ndef fetch():\n"
        "    requests.get('https://x')  # dagproof: ignore[DP102] answered by a sidecar\n",
    )
    for name in ("a", "b"):
        repository.add(
            f"dags/{name}.py", "from airflow.sdk import dag\nimport helper\nhelper.fetch()"
        )

    assert repository.found() == []


def test_comment_where_the_way_begins_does_not_cover_the_effect(repository):
    repository.add(
        "dags/helper.py", "import requests\n\n\ndef fetch():\n    requests.get('https://x')\n"
    )
    repository.add(
        "dags/a.py",
        "from airflow.sdk import dag\nimport helper\n"
        "helper.fetch()  # dagproof: ignore[DP102] only here\n",
    )

    assert [code for _, _, code in repository.found()] == ["DP190", "DP102"]


def test_comment_without_a_reason_covers_nothing_and_is_a_finding(repository):
    repository.add("dags/a.py", REQUEST.replace('com")', 'com")  # dagproof: ignore[DP102]'))

    assert codes(repository.lint()) == ["DP102", "DP191"]


def test_unused_comment_is_a_finding_unless_its_rule_was_not_looked_for(repository):
    repository.add("dags/a.py", SLEEP.replace("(5)", "(5)  # dagproof: ignore[DP102] not needed"))

    assert codes(repository.lint()) == ["DP109", "DP190"]
    assert codes(repository.lint(select=["DP109", "DP190"])) == ["DP109"]
    assert codes(repository.lint(ignore=["DP102"])) == ["DP109"]


def test_comment_for_a_rule_that_watches_imports_is_not_called_unused(repository):
    unseen = "(5)  # dagproof: ignore[DP202, leaked-global] seen in the audit"
    repository.add("dags/a.py", SLEEP.replace("(5)", unseen))

    assert codes(repository.lint()) == ["DP109"]


DYNAMIC = "import os\nfrom airflow.sdk import DAG\nDAG(os.environ['NAME'])\n"
STATIC = "from airflow.sdk import DAG\nDAG('load')\n"
TRIGGER = """\
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

with DAG("start"):
    TriggerDagRunOperator(task_id="one", trigger_dag_id="lod")
"""


@pytest.mark.parametrize(("other", "found"), [(STATIC, ["DP190"]), (DYNAMIC, [])])
def test_comment_for_targets_is_not_called_unused_where_not_all_dags_are_known(
    repository, other, found
):
    a = repository.add("dags/a.py", f"{CLEAN}x = 1  # dagproof: ignore[DP123] of another team\n")
    repository.add("dags/b.py", other)

    assert codes(repository.lint()) == found
    assert codes(repository.lint(a)) == []


def test_known_target_stays_known_where_not_all_dags_are_known(repository):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", TRIGGER)
    repository.add("dags/b.py", STATIC)
    repository.lint(write_baseline=True)
    repository.add("dags/b.py", DYNAMIC)

    assert repository.lint().notes == ()
    repository.lint(write_baseline=True)
    repository.add("dags/b.py", STATIC)
    assert repository.lint().notes == ("1 known finding is held back by the baseline.",)


def test_repository_that_is_read_says_whether_it_is_whole(repository):
    a = repository.add("dags/a.py", "from airflow.sdk import DAG\nimport helper\nDAG('a')\n")
    repository.add("dags/helper.py", "x = 1\n")
    repository.add("dags/b.py", TRIGGER)
    settings = load_settings(repository.root)

    whole = read_repository(settings, ())
    assert (sorted(whole.facts), sorted(whole.dags), whole.complete, whole.seen) == (
        ["dags/a.py", "dags/b.py", "dags/helper.py"], ["a", "start"], True, None,
    )  # fmt: skip
    assert [one.imported for _, one in sorted(whole.facts.items())] == [False, False, True]
    part = read_repository(settings, [a])
    assert (sorted(part.facts), part.complete) == (["dags/a.py", "dags/helper.py"], False)


def test_comment_for_what_was_seen_covers_what_is_read(repository):
    seen = "(5)  # dagproof: ignore[sleep-during-import] the licence server counts imports"
    repository.add("dags/a.py", SLEEP.replace("(5)", seen))

    assert codes(repository.lint()) == []


def test_comment_is_of_use_though_settings_ignore_the_finding_too(repository):
    repository.configure('per-file-ignores = { "dags/*" = ["DP102"] }')
    repository.add("dags/a.py", REQUEST.replace('com")', 'com")  # dagproof: ignore[DP102] twice'))

    assert codes(repository.lint()) == []


# Baseline


def test_known_findings_are_held_back_and_new_ones_are_not(repository):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", REQUEST)
    written = repository.lint(write_baseline=True)
    assert (written.findings, written.clean) == ((), True)
    assert written.notes == (f"1 finding known from now on, by {repository.root / 'known.json'}.",)

    held = repository.lint()
    assert (held.findings, held.clean) == ((), True)
    assert held.notes == ("1 known finding is held back by the baseline.",)

    repository.add("dags/a.py", f"import time\n\ntime.sleep(5)\n{REQUEST}")
    assert repository.found() == [("dags/a.py", 3, "DP109")]


def test_baseline_is_written_where_nobody_says_otherwise_and_read_where_it_is_named(repository):
    repository.add("dags/a.py", REQUEST)
    repository.lint(write_baseline=True)
    file = repository.root / known.BASELINE

    assert [entry["code"] for entry in json.loads(file.read_bytes())["findings"]] == ["DP102"]
    assert codes(repository.lint()) == ["DP102"]
    assert codes(repository.lint(baseline=file)) == []


def test_baseline_of_the_question_wins_over_that_of_the_settings(repository):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", REQUEST)
    other = repository.root / "other.json"
    repository.lint(write_baseline=True, baseline=other)

    assert not (repository.root / "known.json").exists()
    assert codes(repository.lint()) == ["DP102"]
    assert codes(repository.lint(baseline=other)) == []


def test_writing_the_baseline_anew_forgets_what_is_gone(repository):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", BOTH)
    repository.lint(write_baseline=True)
    repository.add("dags/a.py", SLEEP)

    gone = repository.lint()
    assert gone.clean
    assert gone.notes[1].startswith("1 finding of the baseline is gone, as in dags/a.py:")

    repository.lint(write_baseline=True)
    assert repository.lint().notes == ("1 known finding is held back by the baseline.",)


def test_baseline_written_in_a_subfolder_holds_everywhere(repository, monkeypatch):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", REQUEST)
    monkeypatch.chdir(repository.root / "dags")
    repository.lint(write_baseline=True)
    monkeypatch.chdir(repository.root)

    assert codes(repository.lint()) == []


def test_writing_the_baseline_for_a_part_keeps_what_is_known_of_the_rest(repository):
    repository.configure('baseline = "known.json"')
    one = repository.add("dags/a.py", REQUEST)
    repository.add("dags/b.py", REQUEST)
    repository.lint(write_baseline=True)
    repository.add("dags/a.py", SLEEP)

    repository.lint(one, write_baseline=True)

    assert repository.lint().clean
    assert repository.lint().notes == ("2 known findings are held back by the baseline.",)


def test_file_that_cannot_be_read_can_be_known_too(repository):
    repository.configure('baseline = "known.json"')
    repository.add("dags/old.py", "from airflow import DAG\nprint 'Python 2'\n")
    repository.lint(write_baseline=True)

    report = repository.lint()

    assert report.clean
    assert [error.path for error in report.errors] == ["dags/old.py"]


def test_part_of_the_repository_makes_nothing_else_stale(repository):
    repository.configure('baseline = "known.json"')
    one = repository.add("dags/a.py", REQUEST)
    repository.add("dags/b.py", REQUEST)
    repository.lint(write_baseline=True)

    assert repository.lint(one).notes == ("1 known finding is held back by the baseline.",)
    assert repository.lint(select=["DP109"]).notes == ()


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2, "findings": []}'])
def test_baseline_that_is_none_is_refused_with_what_to_do(repository, text):
    file = repository.add("known.json", text)

    with pytest.raises(UsageError, match=r"known\.json is no baseline.*--write-baseline"):
        repository.lint(baseline=file)


def test_baseline_that_is_named_and_missing_is_refused_but_a_configured_one_may_come_later(
    repository,
):
    repository.configure('baseline = "known.json"')
    repository.add("dags/a.py", CLEAN)
    assert repository.lint().clean

    with pytest.raises(UsageError, match=r"There is no baseline .*other\.json: write it"):
        repository.lint(baseline=repository.root / "other.json")


# Fixes


def test_fix_mends_what_is_safe_and_reports_the_rest(repository):
    file = repository.add("dags/a.py", UNCALLED + "\n\nimport time\n\ntime.sleep(5)\n")
    assert codes(repository.lint()) == ["DP120", "DP109"]

    report = repository.lint(fix=True)

    assert codes(report) == ["DP109"]
    assert report.notes == ("1 finding mended in 1 file.",)
    assert file.read_text(encoding="utf-8").endswith("time.sleep(5)\n\n\nnightly()\n")
    assert codes(repository.lint()) == ["DP109"]


def test_nothing_is_written_unless_somebody_asks(repository):
    file = repository.add("dags/a.py", UNCALLED)
    before = file.read_bytes()

    repository.lint()

    assert file.read_bytes() == before


def test_fix_leaves_known_and_ignored_findings_alone(repository):
    file = repository.add(
        "dags/a.py",
        UNCALLED.replace("nightly():", "nightly():  # dagproof: ignore[DP120] called by a test"),
    )
    other = repository.add("dags/b.py", UNCALLED.replace("nightly", "weekly"))
    before = file.read_bytes(), other.read_bytes()
    known = repository.root / "known.json"
    repository.lint(write_baseline=True, baseline=known)

    repository.lint(fix=True, baseline=known)

    assert (file.read_bytes(), other.read_bytes()) == before


def test_fix_keeps_line_ends_and_byte_order_mark(repository):
    crlf = repository.add("dags/a.py", b"\xef\xbb\xbf" + UNCALLED.replace("\n", "\r\n").encode())

    assert codes(repository.lint(fix=True)) == []
    data = crlf.read_bytes()
    assert data.startswith(b"\xef\xbb\xbffrom")
    assert data.endswith(b"\r\nnightly()\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_fix_takes_a_useless_comment_away(repository):
    file = repository.add(
        "dags/a.py", "from airflow.sdk import dag  # dagproof: ignore[DP102] why\n"
    )

    assert codes(repository.lint(fix=True)) == []
    assert file.read_text(encoding="utf-8") == "from airflow.sdk import dag\n"


# Memory


@pytest.fixture
def remembering(repository, monkeypatch):
    """A repository of a few files that is remembered all the same."""
    monkeypatch.setattr(composition, "_FEW", 0)
    repository.add("dags/a.py", "from airflow.sdk import dag\nimport helper\n")
    repository.add("dags/helper.py", "import requests\n")
    return repository


def test_second_run_says_the_same_and_parses_nothing(remembering, monkeypatch):
    remembering.add("dags/b.py", BOTH)
    first = remembering.lint()
    monkeypatch.setattr("dagproof.rules.reader.parse", None)

    second = remembering.lint()

    assert first.findings == second.findings != ()
    assert (first.files, first.errors) == (second.files, second.errors)


def test_file_that_cannot_be_read_is_told_again_by_the_second_run(remembering):
    remembering.add("dags/bad.py", "from airflow.sdk import dag\nbroken(")

    first, second = remembering.lint(), remembering.lint()

    assert first.errors == second.errors != ()
    assert first.findings == second.findings != ()


def test_change_in_a_helper_is_seen_by_the_next_run(remembering):
    assert remembering.found() == []

    remembering.add("dags/helper.py", 'import requests\nrequests.get("https://example.com")\n')
    assert remembering.found() == [("dags/helper.py", 2, "DP102")]

    remembering.add("dags/helper.py", "import requests\n")
    assert remembering.found() == []


def test_module_that_now_comes_first_is_seen_by_the_next_run(remembering):
    remembering.add("plugins/shared.py", "def load(): ...\n")
    remembering.add("dags/c.py", "from airflow.sdk import dag\nimport shared\nshared.load()\n")
    assert remembering.found() == []

    remembering.add("dags/shared.py", "import time\n\ndef load():\n    time.sleep(5)\n")
    assert remembering.found() == [("dags/shared.py", 4, "DP109")]


def test_module_that_was_missing_is_seen_by_the_next_run(remembering):
    remembering.add("dags/c.py", "from airflow.sdk import dag\nimport later\nlater.load()\n")
    assert remembering.found() == []

    remembering.add("dags/later.py", "import time\n\ndef load():\n    time.sleep(5)\n")
    assert remembering.found() == [("dags/later.py", 4, "DP109")]


def test_helper_that_vanishes_is_forgotten_by_the_next_run(remembering):
    helper = remembering.add("dags/helper.py", 'import requests\nrequests.get("https://x")\n')
    assert remembering.found() == [("dags/helper.py", 2, "DP102")]

    helper.unlink()
    assert remembering.found() == []


def test_memory_of_one_question_does_not_answer_another(remembering, monkeypatch):
    remembering.add("dags/b.py", BOTH)

    assert codes(remembering.lint(select=["DP102"])) == ["DP102"]
    assert codes(remembering.lint(select=["DP109"])) == ["DP109"]
    monkeypatch.chdir(remembering.root / "dags")
    assert remembering.found(select=["DP109"]) == [("b.py", 5, "DP109")]


def test_settings_and_comments_hold_though_the_files_are_remembered(remembering):
    remembering.add("dags/b.py", REQUEST.replace('com")', 'com")  # dagproof: ignore[DP102] why'))
    remembering.add("dags/c.py", REQUEST)
    assert remembering.found() == remembering.found() == [("dags/c.py", 3, "DP102")]

    remembering.configure('severity = { DP102 = "note" }')
    assert remembering.lint().clean


@pytest.mark.parametrize(
    "damage", [b"", b"\x80\x05.", b"cos\nsystem\n(S'exit 1'\ntR.", b"\0" * 999]
)
def test_damaged_memory_is_made_anew(remembering, tmp_path, damage):
    remembering.add("dags/b.py", REQUEST)
    before = remembering.found()
    [memory] = (tmp_path / "cache" / "lint").iterdir()
    memory.write_bytes(damage)

    assert remembering.found() == before
    assert memory.stat().st_size > 1000


def test_memory_that_cannot_be_written_is_done_without(remembering, tmp_path):
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    remembering.add("dags/b.py", REQUEST)

    assert remembering.found() == remembering.found() == [("dags/b.py", 3, "DP102")]


def test_no_memory_is_kept_where_nobody_wants_it(remembering, tmp_path):
    remembering.lint(cached=False)

    assert not (tmp_path / "cache").exists()
