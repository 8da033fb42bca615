"""Where DAG files cannot be imported, that is said before anything is tried."""

from importlib.metadata import PackageNotFoundError

import pytest

from dagproof.audit import airflow_install
from dagproof.audit.airflow_install import check_airflow
from dagproof.model import UnavailableError


@pytest.fixture
def installed(monkeypatch):
    """Say which packages there are, and whether `airflow` can be found."""

    def installed(*, found=True, **versions):
        def version(name):
            if name not in {key.replace("_", "-") for key in versions}:
                raise PackageNotFoundError(name)
            return versions[name.replace("-", "_")]

        monkeypatch.setattr(airflow_install, "version", version)
        monkeypatch.setattr(airflow_install, "find_spec", lambda name: found or None)

    return installed


@pytest.mark.parametrize("version", ["3.0.0", "3.1.8", "3.3.2", "3.3.0rc1", "3.2.0.dev0", "3.3"])
def test_supported_airflow_is_fine(installed, version):
    installed(apache_airflow=version)
    check_airflow()


def test_core_alone_is_fine(installed):
    installed(apache_airflow_core="3.2.1")
    check_airflow()


def test_core_alone_is_judged_by_its_version(installed):
    installed(apache_airflow_core="3.4.0")
    with pytest.raises(UnavailableError, match=r"Airflow 3\.4\.0 is not supported"):
        check_airflow()


def test_missing_airflow_is_refused_with_the_command_that_installs_it(installed):
    installed()
    with pytest.raises(
        UnavailableError, match=r"^Airflow is not installed\. Install .* `pip install 'apache-air"
    ):
        check_airflow()


@pytest.mark.parametrize("version", ["2.11.0", "3.4.0", "4.0.0", "3.10.1", "1.10.15", "nightly"])
def test_unknown_airflow_is_refused_with_those_that_are_known(installed, version):
    installed(apache_airflow=version)
    with pytest.raises(UnavailableError) as caught:
        check_airflow()
    assert str(caught.value).startswith(f"Airflow {version} is not supported, only 3.0 to 3.3. In")


def test_airflow_that_is_only_on_paper_is_refused(installed):
    installed(found=False, apache_airflow="3.3.2")
    with pytest.raises(UnavailableError, match=r"^Airflow cannot be imported\. Install"):
        check_airflow()
