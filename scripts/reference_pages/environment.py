"""Environment variables that dagproof's own code names, and no other."""

import re
from pathlib import Path

from reference_pages.markdown import code, table

_NAMED = re.compile(r"\bDAGPROOF_[A-Z0-9_]+\b")

OWN = {
    "DAGPROOF_BASE": "the commit that `gate`, `impact` and `diff` compare with; `--base` wins",
    "DAGPROOF_CACHE": "the folder of what is kept between runs; by default `~/.cache/dagproof`, or "
    "what `XDG_CACHE_HOME` says",
    "DAGPROOF_SERVICES": "what stands behind the services: `embedded`, `containers` or `external`; "
    "`--services` wins, and it wins over `backend` in pyproject.toml",
    "DAGPROOF_POSTGRES_URL": "Postgres of `external`: `postgresql://user:password@host:5432/name`",
    "DAGPROOF_MLFLOW_URL": "MLflow of `external`: `http://user:password@host:5000`",
    "DAGPROOF_S3_URL": "the bucket of `external`: `https://key:secret@host:9000/bucket/prefix`",
    "DAGPROOF_POSTGRES_IMAGE": "the image of Postgres in `containers`",
    "DAGPROOF_MLFLOW_IMAGE": "the image of MLflow in `containers`",
    "DAGPROOF_S3_IMAGE": "the image of the object store in `containers`",
}

OTHERS = {
    "GITHUB_ACTIONS": "`true` makes `gate` print annotations beside its text, and find the base",
    "GITHUB_STEP_SUMMARY": "the file that `gate` appends its summary to, on GitHub",
    "GITHUB_WORKSPACE": "what paths in annotations and SARIF are relative to, on GitHub",
    "GITHUB_EVENT_PATH": "the event that says what a pull request or a push stands on",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": "the base, on GitLab",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "the target, on GitLab",
    "BITBUCKET_PR_DESTINATION_COMMIT": "the base, on Bitbucket",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "the target, on Buildkite",
    "CHANGE_TARGET": "the target, on Jenkins",
    "DOCKER_HOST": "where Docker is, for `containers`",
    "TESTCONTAINERS_RYUK_DISABLED": "`false` turns Testcontainers' reaper on",
    "PYTEST_XDIST_WORKER": "what `{worker}` in an address of `external` becomes",
    "AIRFLOW_HOME": "left alone where pytest runs in no repository with `[tool.dagproof]`; runs "
    "have a scratch home in any case",
}
"""Those of other programs; each is named in the code, too."""


def page(source: Path) -> str:
    """Return the page of environment variables.

    Args:
        source: the folder of the package.

    Raises:
        ValueError: the code names one that nobody described, or one is described that it does not.
    """
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py")))
    named = {name for name in _NAMED.findall(text) if not name.endswith("_")} | _formatted(text)
    gone = {name for name in OTHERS if not _mentioned(name, text)}
    if named != OWN.keys() or gone:
        wrong = ", ".join(sorted((named ^ OWN.keys()) | gone))
        raise ValueError(f"scripts/reference_pages/environment.py and the code differ in {wrong}.")
    return (
        "# Environment variables\n\nOf dagproof itself:\n\n"
        + table(("variable", "is"), [(code(name), what) for name, what in OWN.items()])
        + "\nOf others, which it heeds:\n\n"
        + table(("variable", "is"), [(code(name), what) for name, what in OTHERS.items()])
        + _REST
    )


_REST = """
`AIRFLOW_VAR_…` and `AIRFLOW_CONN_…` give Variables and Connections to imports, templates and runs.
Other settings of Airflow, MLflow and the AWS SDKs that your shell has do not reach a run: what it
needs is set by `--env` and `[tool.dagproof.env]`.
"""


def _formatted(text: str) -> set[str]:
    """Return names that are put together, as `f"DAGPROOF_{service.upper()}_URL"`."""
    endings = set(re.findall(r"DAGPROOF_\{\w+\.upper\(\)\}_([A-Z]+)", text))
    return {f"DAGPROOF_{name}_{end}" for name in ("POSTGRES", "MLFLOW", "S3") for end in endings}


def _mentioned(name: str, text: str) -> bool:
    return name in text or (name.startswith("GITHUB_") and name.removeprefix("GITHUB_") in text)
