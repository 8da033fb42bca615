"""Commands of the documentation that no test of it carries out, each with the reason."""

_DOCKER = "needs Docker; tests/integration/containers does it where that runs"
_SERVERS = "needs servers of somebody's own; tests/integration/services/external has some"
_INSTALLS = "installs packages over those of this environment, or downloads them"
_LARGE = "shows a large repository; docs/tutorial.md has a small one, where it is carried out"

NOT_RUN = [
    (r".*", r"pip (install|download) .*", _INSTALLS),
    (r".*", r"sudo .*", "changes the machine, as root"),
    (r"README.md", r"make (demo|test) .*", "takes minutes, and CI does both"),
    (
        r"README.md",
        r"dagproof contracts",
        "is abridged from docs/contracts.md, which is carried out",
    ),
    (r"README.md|docs/gate.md", r"dagproof gate", _LARGE),
    (r"README.md", r"dagproof init .*", _LARGE),
    (r"docs/ci.md", r"dagproof gate", "tests/integration/workflows does it as a CI would"),
    (r"docs/containers.md", r"(dagproof|pytest|docker) .*", _DOCKER),
    (r"docs/containers.md", r"DAGPROOF_SERVICES=.*", _DOCKER),
    (r"docs/howto/air-gapped.md", r"dagproof gate --services containers", _DOCKER),
    (r"docs/external-services.md", r".*", _SERVERS),
    (r"docs/pipelines.md", r".*", "takes minutes; `make demo` runs them all, and CI does that"),
    (r"docs/reliability.md", r".*", "takes minutes; tests/integration/faults is those tests"),
    (
        r"docs/cluster.md",
        r".*",
        "takes minutes; tests/integration/cluster does it on clusters of its own",
    ),
    (
        r"docs/plugins.md",
        r"PYTHONPATH=plugins .*",
        "is for the plugins of this repository; tests/unit/plugins/test_rate_limit.py does it",
    ),
    (
        r"docs/observability.md",
        r"(cd|promtool) .*",
        "needs Prometheus; tests/integration/observability does it where that is",
    ),
    (r"docs/howto/upgrade.md", r"(python -m venv|\.venv-).*", _INSTALLS),
    (r"docs/howto/air-gapped.md", r"mkdocs .*", "tests/integration/docs/test_site.py does it"),
]
"""Pattern of the page, pattern of the command, reason."""

_MONTHS = "needs months of the TLC, of which tests/integration/pipelines has some, and does it"

TESTS_NOT_RUN = {
    ("README.md", "test_two_months_make_one_champion"): _MONTHS,
    ("docs/idempotence.md", "test_taxi_can_be_run_again"): _MONTHS,
}
"""By page and name of a test that it shows: the reason."""

_MORE_FILES = (
    "$ for name in a b c d e f g h; do sed s/my_dag/$name/ dags/my_dag.py >dags/$name.py; done"
)

ELSEWHERE = {
    (
        "docs/diff.md",
        "pip install 'dagproof[audit]' 'apache-airflow==3.3.2'     # Airflow 3.0 to 3.3",
    ): ["repository=documented/diff", "$ git switch --quiet -c change && mv after.py dags/taxi.py"],
    ("README.md", "pip install dagproof          # no Airflow needed"): [
        "repository=documented/readme",
        _MORE_FILES,
        "exit=1",
    ],
    (
        "README.md",
        "pip install 'dagproof[audit]' 'apache-airflow==3.3.2'     # Airflow 3.0 to 3.3",
    ): ["exit=1"],
}
"""By page and first command of a block: markers for it, where the page has none of its own."""
