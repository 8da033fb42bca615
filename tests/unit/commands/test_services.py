"""`dagproof services`: which servers are kept, and which images are made."""

import pytest

from dagproof import cli, services
from dagproof.model import UnavailableError


@pytest.fixture
def made(monkeypatch):
    calls = []

    def images(*, base, without_registry, progress):
        calls.append((base, without_registry))
        progress("Building the image `x`")
        return "postgres:17", "ours/mlflow:3", "ours/s3:5"

    monkeypatch.setattr(services, "images", images)
    return calls


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ([], (None, False)),
        (["--without-registry"], (None, True)),
        (["--base", "mirror/python:3.13"], ("mirror/python:3.13", False)),
    ],
)
def test_images_prints_the_names_alone_on_standard_output(made, capsys, options, asked):
    code = cli.main(["services", "images", *options])
    printed = capsys.readouterr()

    assert (code, made) == (0, [asked])
    assert printed.out == "postgres:17\nours/mlflow:3\nours/s3:5\n"
    assert "Building the image `x`" in printed.err


def test_a_base_is_of_no_use_without_a_registry(made, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["services", "images", "--base", "x", "--without-registry"])

    assert ended.value.code == 2
    assert "not allowed with argument --base" in capsys.readouterr().err
    assert made == []


def test_a_build_that_fails_is_exit_3_and_a_sentence(monkeypatch, capsys):
    def images(**_):
        raise UnavailableError("Docker does not answer.")

    monkeypatch.setattr(services, "images", images)

    assert cli.main(["services", "images"]) == 3
    assert capsys.readouterr().err == "dagproof: Docker does not answer.\n"


@pytest.mark.parametrize("action", ["up", "down"])
def test_external_services_are_kept_by_nobody(tmp_path, monkeypatch, capsys, action):
    monkeypatch.chdir(tmp_path)

    assert cli.main(["services", action, "--services", "external"]) == 2
    assert "external services are there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("backend", "options"), [("embedded", []), ("containers", ["--services", "containers"])]
)
def test_up_prints_what_a_shell_can_read(tmp_path, monkeypatch, capsys, backend, options):
    def up(wanted, *, kind, progress):
        progress(f"Starting {', '.join(wanted)} as {kind.name}")
        return {"B": "it's here", "A": "plain"}

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(services, "up", up)

    assert cli.main(["services", "up", *options]) == 0
    said = capsys.readouterr()
    assert said.out == "export A=plain\nexport B='it'\"'\"'s here'\n"
    assert f"] Starting postgres, mlflow, s3 as {backend}\n" in said.err
    assert said.err.endswith("`dagproof services down` stops them\n")


@pytest.mark.parametrize(
    ("backend", "options"), [("embedded", []), ("containers", ["--services", "containers"])]
)
@pytest.mark.parametrize(
    ("were_up", "said"), [(True, "Services stopped.\n"), (False, "No services were up.\n")]
)
def test_down_says_whether_there_were_any(
    tmp_path, monkeypatch, capsys, backend, options, were_up, said
):
    monkeypatch.chdir(tmp_path)
    asked = []
    monkeypatch.setattr(services, "down", lambda *, kind: asked.append(kind.name) or were_up)

    assert cli.main(["services", "down", *options]) == 0
    assert asked == [backend]
    assert capsys.readouterr() == ("", said)
