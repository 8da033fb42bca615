"""The pytest plugin: fixtures that sleep until a test asks for one, and `--dagproof`.

Nothing heavy is imported here, and what collects DAG files is imported for `--dagproof` alone.
Services start, and Airflow is imported, with the first test that needs them; every test that asks
for `services`, `mlflow_client`, `s3` or `run_dag` begins with an empty metadata database, an empty
MLflow and an empty bucket.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from dagproof.airflow_compat.home import is_scratch, scratch_home

if TYPE_CHECKING:
    from dagproof.app import Session
    from dagproof.model import DagOutcome, Fault, Repetition

_home = pytest.StashKey[Path]()

RunDag = Callable[..., "DagOutcome"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--dagproof` and `--dagproof-services`."""
    group = parser.getgroup("dagproof")
    group.addoption(
        "--dagproof-services",
        choices=("embedded", "containers", "external"),
        help="what stands behind the services that tests use",
    )
    group.addoption(
        "--dagproof",
        action="store_true",
        help=(
            "collect each DAG file: lint, import, effects, serialization, stability, params, "
            "templates, xcom"
        ),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Get ready for what was asked for: a home for Airflow, profiles, and DAG files as items."""
    _choose_home(config)
    _offer_profiles(config)
    if config.getoption("dagproof"):
        from dagproof.pytest_items import install

        install(config)


def _offer_profiles(config: pytest.Config) -> None:
    """Make Hypothesis know our profiles where one is asked for, before it looks for them."""
    asked = str(config.getoption("hypothesis_profile", None) or "")
    if asked not in {"dagproof", "dagproof-ci"}:
        return
    from hypothesis import settings

    from dagproof.testing import register_profiles

    register_profiles()
    if config.getoption("hypothesis_seed", None) is not None:  # where `CI` is set, it has no effect
        settings.register_profile(asked, settings.get_profile(asked), derandomize=False)
    elif asked == "dagproof-ci":
        # The same examples each time. A seed would do that, too, and so would `derandomize` beside
        # `database`, but both keep Hypothesis from its database.
        profile = settings.get_profile(asked)
        steady = settings(profile, derandomize=True, database=None)
        settings.register_profile(asked, steady, database=profile.database)


def _choose_home(config: pytest.Config) -> None:
    """Point AIRFLOW_HOME at a scratch folder, before any test module imports Airflow.

    Only where nobody chose a home, or the repository is dagproof's own business: a session that
    merely has dagproof installed stays as it was.
    """
    chosen = os.environ.get("AIRFLOW_HOME")
    ours = chosen and is_scratch(chosen)  # the controller's, inherited by an xdist worker
    if find_spec("airflow") is None or (
        chosen and not ours and not _declares_dagproof(config.rootpath)
    ):
        return
    cleanup = ExitStack()
    config.add_cleanup(cleanup.close)
    config.stash[_home] = cleanup.enter_context(scratch_home())
    cleanup.enter_context(mock.patch.dict(os.environ, {"AIRFLOW_HOME": str(config.stash[_home])}))


def _declares_dagproof(root: Path) -> bool:
    file = root / "pyproject.toml"
    return file.is_file() and b"[tool.dagproof" in file.read_bytes()


@pytest.fixture(scope="session")
def airflow_home(pytestconfig: pytest.Config) -> Path:
    """The scratch `AIRFLOW_HOME` of this test session; never `~/airflow`."""
    home = pytestconfig.stash.get(_home, None) or os.environ.get("AIRFLOW_HOME")
    if home is None:
        pytest.fail("Airflow is not installed. Install `dagproof[run]`.", pytrace=False)
    return Path(home)


@dataclass(slots=True)
class _Shared:
    """The session that all tests of a process share.

    Attributes:
        session: it.
        backend: what was asked for behind its services.
        used: whether a test has used it yet.
    """

    session: "Session"
    backend: str | None
    used: bool = False


@pytest.fixture(scope="session")
def dagproof_services(pytestconfig: pytest.Config) -> str | None:
    """What stands behind the services: `embedded`, `containers`, `external`, or None for settings.

    Override it with `params` to run the same tests against several.
    """
    asked: str | None = pytestconfig.getoption("dagproof_services")
    return asked


@pytest.fixture(scope="session")
def _dagproof_shared(
    pytestconfig: pytest.Config, airflow_home: Path, dagproof_services: str | None
) -> Iterator[_Shared]:
    from dagproof.app import open_session
    from dagproof.config import load_settings

    settings = load_settings(pytestconfig.rootpath)
    with open_session(
        settings, home=airflow_home, fresh=True, backend=dagproof_services
    ) as session:
        yield _Shared(session, dagproof_services)


@pytest.fixture
def _dagproof_session(_dagproof_shared: _Shared, dagproof_services: str | None) -> "Session":
    """The shared session, brought back to its clean state for this test."""
    if _dagproof_shared.backend != dagproof_services:  # pytest keeps what an override has opened
        pytest.fail(
            f"The services of this session are `{_dagproof_shared.backend}`, and "
            f"`dagproof_services` of this test is `{dagproof_services}`. Give one fixture all "
            "kinds as `params`, or run the folders that override it one by one.",
            pytrace=False,
        )
    if _dagproof_shared.used:
        _dagproof_shared.session.reset()
    _dagproof_shared.used = True
    return _dagproof_shared.session


@pytest.fixture
def services(_dagproof_session: "Session") -> Mapping[str, str]:
    """Clean services; the value is their environment, which is also set in `os.environ`."""
    _dagproof_session.ready()
    return _dagproof_session.environment


@pytest.fixture
def mlflow_client(services: Mapping[str, str]) -> Any:
    """An `mlflow.MlflowClient` of the empty MLflow that this test's tasks log to."""
    from dagproof.services import mlflow_client as client

    return client(services)


@pytest.fixture
def s3(services: Mapping[str, str]) -> Any:
    """A boto3 S3 client of the empty object store that this test's tasks use."""
    from dagproof.services import s3_client

    return s3_client(services)


@pytest.fixture
def run_dag(_dagproof_session: "Session") -> RunDag:
    """Run a DAG by `dag.test()` and return its `DagOutcome`.

    Called as `run_dag(dag, conf=None, *, logical_date=None, stubs=None, env=None, timeout=None,
    real_retry_delays=False, faults=())`, where `dag` is a DAG id or the path of a DAG file. It does
    not raise when a task fails: look at `outcome.state` and `outcome.failures`. Faults are spelt as
    `"mlflow:down@train"`, or made by `dagproof.testing.Fault`.
    """
    from dagproof.model import Fault
    from dagproof.runner import RunOptions

    session = _dagproof_session

    def run(
        dag: str | Path,
        conf: Mapping[str, object] | None = None,
        *,
        logical_date: datetime | None = None,
        stubs: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        real_retry_delays: bool = False,
        faults: Sequence["Fault | str"] = (),
    ) -> "DagOutcome":
        options = RunOptions(
            conf=conf or {},
            logical_date=logical_date,
            stubs=stubs or {},
            timeout=timeout or session.settings.timeout,
            real_retry_delays=real_retry_delays,
        )
        told = [Fault.parse(one) if isinstance(one, str) else one for one in faults]
        return session.run(str(dag), options, env, told)

    return run


@pytest.fixture
def check_repeatable(_dagproof_session: "Session") -> Callable[..., "Repetition"]:
    """Run a DAG, run it again, and run it from clean state with a retry of every task.

    Called as `check_repeatable(dag, conf=None, *, prepare=None, excepted=None, logical_date=None,
    stubs=None, env=None, timeout=None)`. `prepare` is called whenever the services are empty, and
    puts there what the DAG needs; `excepted` are globs of what may differ, in place of
    `repeatable-except`. The result has `differences`, for `assert not repetition.differences`;
    each is printed as well, on a line of its own.
    """
    from dagproof.repeating import repeat
    from dagproof.runner import RunOptions

    session = _dagproof_session

    def check(
        dag: str | Path,
        conf: Mapping[str, object] | None = None,
        *,
        prepare: Callable[[], None] | None = None,
        excepted: Sequence[str] | None = None,
        logical_date: datetime | None = None,
        stubs: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> "Repetition":
        options = RunOptions(
            conf=conf or {},
            logical_date=logical_date,
            stubs=stubs or {},
            timeout=timeout or session.settings.timeout,
        )
        found = repeat(session, str(dag), options, env, globs=excepted, prepare=prepare)
        for difference in found.differences:
            print(difference)
        return found

    return check


@pytest.fixture(scope="session")
def render_task() -> Callable[..., Any]:
    """Render the templates of a task: `render_task(dag_id, task_id, conf)["bash_command"]`.

    It is `dagproof.testing.render_task`; no database is needed.
    """
    from dagproof.testing import render_task as render

    return render


@pytest.fixture(scope="session")
def conf_strategy() -> Callable[..., Any]:
    """Return a Hypothesis strategy of the confs that a DAG's Params allow.

    It is `dagproof.testing.conf_strategy`, for `data.draw(conf_strategy(dag_id))`.
    """
    from dagproof.testing import conf_strategy as strategy

    return strategy


@pytest.fixture(scope="session")
def xcom_round_trip() -> Callable[..., Any]:
    """Push a value and pull it, through the XCom backend that is configured.

    It is `dagproof.testing.xcom_round_trip`; no database is needed.
    """
    from dagproof.testing import xcom_round_trip as trip

    return trip
