"""What is asked of Docker and of the machine, and what is said when they refuse."""

import contextlib
import errno
import fcntl
import re
import subprocess
import sys
import tarfile
import threading

import pytest

docker_errors = pytest.importorskip("docker.errors", reason="docker's SDK is not installed")

from dagproof.model import UnavailableError  # noqa: E402  the SDK decides whether to go on
from dagproof.services.containers import bootstrap, build, debian, recipes  # noqa: E402


class FakeDocker:
    """Keeps names, and what was asked for."""

    def __init__(self, *names, lines=()):
        self.names = set(names)
        self.lines = list(lines)
        self.builds = []
        self.imports = []
        self.pruned = []
        self.images = self
        self.api = self

    def get(self, name):
        if name not in self.names:
            raise docker_errors.ImageNotFound(name)

    def prune(self, filters):
        self.pruned.append(filters)

    def build(self, *, fileobj, tag, **options):
        if isinstance(self.lines, Exception):
            raise self.lines
        with tarfile.open(fileobj=fileobj) as archive:
            members = {member.name.removeprefix("./"): member.mode for member in archive}
        self.builds.append({"tag": tag, "members": members, **options})
        yield from self.lines
        self.names.add(tag)

    def import_image(self, archive, repository, tag, *, changes):
        with tarfile.open(fileobj=archive) as opened:
            members = set(opened.getnames())
        self.imports.append({"members": members, "changes": changes})
        self.names.add(f"{repository}:{tag}")


@pytest.fixture
def docker(monkeypatch):
    """Give a Docker that knows no image."""
    fake = FakeDocker()
    for module in (build, bootstrap):
        monkeypatch.setattr(module, "connect", lambda: contextlib.nullcontext(fake))
    return fake


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Give a machine that can fetch all, and the list of what it fetched."""
    done = []

    def system(folder, mirror):
        done.append(("system", mirror))
        for name in ("etc", "usr/share/doc", "dev"):
            (folder / name).mkdir(parents=True)
        for name in ("etc/os-release", "usr/share/doc/readme", "dev/null"):
            (folder / name).touch()

    def postgres(system, downloads, tree):
        done.append(("postgres", system.is_dir()))
        (tree / "usr").mkdir(parents=True)
        (tree / "usr" / "postgres").touch()

    def wheels(services, folder):
        done.append(("wheels", tuple(services)))
        (folder / "a.whl").touch()

    monkeypatch.setenv("DAGPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(debian, "require", lambda: "the-mirror")
    monkeypatch.setattr(debian, "minimal_system", system)
    monkeypatch.setattr(debian, "postgres_files", postgres)
    monkeypatch.setattr(debian, "wheels", wheels)
    return done


@pytest.fixture
def recipe_copy(monkeypatch, tmp_path):
    """Give a copy of the recipes that may be changed."""
    import shutil

    folder = shutil.copytree(recipes.FOLDER, tmp_path / "recipes")
    monkeypatch.setattr(recipes, "FOLDER", folder)
    return folder


def silent(_):
    """Say nothing."""


def test_names_carry_versions_and_a_digest():
    names = build.image_names()

    assert re.fullmatch(r"dagproof/mlflow:3\.\d+\.\d+-[0-9a-f]{10}", names.mlflow)
    assert re.fullmatch(r"dagproof/s3:5\.\d+\.\d+-[0-9a-f]{10}", names.s3)
    assert re.fullmatch(r"dagproof/postgres:17-[0-9a-f]{10}", names.postgres)


@pytest.mark.parametrize(
    ("changed", "services"),
    [
        ("Dockerfile", {"mlflow", "s3"}),
        ("trim.py", {"mlflow", "s3"}),
        ("wheelhouse/mlflow.txt", {"mlflow"}),
        ("wheelhouse/s3.txt", {"s3"}),
        ("postgres.Dockerfile", {"postgres"}),
        ("postgres.sh", {"postgres"}),
    ],
)
def test_a_changed_recipe_is_another_image(recipe_copy, changed, services):
    before = build.image_names()
    with (recipe_copy / changed).open("a") as file:
        file.write("# changed\n")
    after = build.image_names()

    assert {
        name
        for name in ("mlflow", "s3", "postgres")
        if getattr(before, name) != getattr(after, name)
    } == services


@pytest.mark.parametrize("service", ["mlflow", "s3"])
def test_every_package_is_pinned_and_none_has_an_address(service):
    lines = recipes.requirements(service).read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", pin) for pin in pins)
    assert lines[0].startswith("#")


def test_both_images_are_built_on_the_base_that_was_named(docker):
    names = build.image_names()
    said = []
    build.build(names, base="ours/python:3", progress=said.append)

    assert [(asked["tag"], asked["target"]) for asked in docker.builds] == [
        (names.s3, "s3"),
        (names.mlflow, "mlflow"),
    ]
    assert docker.builds[0]["buildargs"] == {
        "BASE": "ours/python:3",
        "VERSION": recipes.version("s3"),
        "RECIPE": recipes.digest("s3"),
    }
    assert {"Dockerfile", "wheelhouse/s3.txt", "trim.py"} <= set(docker.builds[0]["members"])
    assert said == [f"Building the image `{names.s3}`", f"Building the image `{names.mlflow}`"]


def test_the_default_base_is_the_one_of_the_dockerfile(docker):
    build.build(build.image_names(), base=None, progress=silent)

    base = docker.builds[0]["buildargs"]["BASE"]
    assert f"ARG BASE={base}\n" in (recipes.FOLDER / "Dockerfile").read_text()


def test_images_that_are_there_are_not_built_again(docker):
    names = build.image_names()
    docker.names |= {names.s3, names.mlflow}
    build.build(names, base=None, progress=silent)

    assert docker.builds == []


def test_stages_of_a_build_are_removed_also_when_it_fails(docker):
    docker.lines = [{"error": "no"}]
    with pytest.raises(UnavailableError):
        build.build(build.image_names(), base=None, progress=silent)

    assert docker.pruned == [{"dangling": True, "label": "dagproof.image=build"}]


def test_a_failing_build_ends_in_its_last_lines(docker):
    docker.lines = [{"stream": f"line {number}\n"} for number in range(20)]
    docker.lines.append({"error": "the command returned 1"})
    names = build.image_names()
    with pytest.raises(UnavailableError) as caught:
        build.build(names, base=None, progress=silent)

    sentence, *rest = str(caught.value).splitlines()
    assert sentence == f"The image `{names.s3}` cannot be built."
    assert rest[-2:] == ["line 19", "the command returned 1"]
    assert "line 11" not in rest
    assert names.s3 not in docker.names


def test_a_base_that_cannot_be_pulled_names_the_ways_out(docker):
    docker.lines = [
        {"stream": "Step 2/26 : FROM ${BASE} AS server\n"},
        {"error": "lookup registry: no such host"},
    ]
    with pytest.raises(UnavailableError, match=r"`ours/python:3`.*`--base`.*--without-registry"):
        build.build(build.image_names(), base="ours/python:3", progress=silent)


def test_a_full_disk_of_docker_is_one_sentence(docker):
    docker.lines = [{"error": "write /x: no space left on device"}]
    with pytest.raises(UnavailableError) as caught:
        build.build(build.image_names(), base=None, progress=silent)

    assert str(caught.value) == build.FULL_DISK


def test_a_full_disk_for_temporary_files_names_tmpdir(docker, monkeypatch):
    @contextlib.contextmanager
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(build, "pack", full)
    with pytest.raises(UnavailableError, match=r"is full.*`TMPDIR`"):
        build.build(build.image_names(), base=None, progress=silent)


def test_without_testcontainers_the_way_out_is_named(monkeypatch):
    monkeypatch.setattr(build, "find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match=r"dagproof\[containers\]"), build.connect():
        pass


def test_bootstrap_makes_all_images_without_a_network_in_the_builds(
    docker, machine, tmp_path, monkeypatch, recipe_copy
):
    monkeypatch.setattr(bootstrap, "FOLDER", recipe_copy)
    (recipe_copy / "postgres.sh").chmod(0o644)
    names = bootstrap.bootstrap(silent)

    assert docker.names == {recipes.DEBIAN, names.postgres, names.s3, names.mlflow}
    assert sorted(machine) == [
        ("postgres", True),
        ("system", "the-mirror"),
        ("wheels", ("s3", "mlflow")),
    ]
    asked = {build["tag"]: build for build in docker.builds}
    assert {build["buildargs"]["BASE"] for build in docker.builds} == {recipes.DEBIAN}
    assert "packages/usr/postgres" in asked[names.postgres]["members"]
    assert asked[names.postgres]["buildargs"]["MAJOR"] == recipes.POSTGRES_MAJOR
    assert asked[names.postgres]["members"]["postgres.sh"] == 0o755
    for name in (names.s3, names.mlflow):
        assert asked[name]["buildargs"]["PIP_NO_INDEX"] == "1"
        assert "wheelhouse/a.whl" in asked[name]["members"]
    assert list((tmp_path / "images").iterdir()) == [tmp_path / "images" / "lock"]


def test_a_minimal_system_is_imported_without_manuals_and_devices(docker, machine):
    bootstrap.bootstrap(silent)

    [imported] = docker.imports
    assert "./etc/os-release" in imported["members"]
    assert "./dev" in imported["members"]
    assert not imported["members"] & {"./usr/share/doc/readme", "./dev/null"}


def test_nothing_is_asked_of_a_machine_where_all_images_are(docker, machine, tmp_path):
    docker.names |= {*vars_of(build.image_names())}
    bootstrap.bootstrap(silent)

    assert machine == []
    assert not (tmp_path / "images").exists()


def test_a_minimal_system_that_is_there_is_used(docker, machine):
    names = build.image_names()
    docker.names |= {recipes.DEBIAN, names.postgres, names.s3}
    bootstrap.bootstrap(silent)

    assert machine == [("wheels", ("mlflow",))]
    assert [build["tag"] for build in docker.builds] == [names.mlflow]


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, UnavailableError("no wheel")])
def test_an_interrupted_bootstrap_leaves_no_folder(docker, machine, tmp_path, monkeypatch, wrong):
    def interrupted(*_):
        raise wrong

    monkeypatch.setattr(debian, "postgres_files", interrupted)
    with pytest.raises((KeyboardInterrupt, UnavailableError)):
        bootstrap.bootstrap(silent)

    assert list((tmp_path / "images").iterdir()) == [tmp_path / "images" / "lock"]
    assert build.image_names().postgres not in docker.names


def test_what_a_killed_one_left_is_removed(docker, machine, tmp_path):
    left = tmp_path / "images" / "workshop" / "system"
    left.mkdir(parents=True)
    (left / "half").touch()
    bootstrap.bootstrap(silent)

    assert not left.exists()
    assert "./half" not in docker.imports[0]["members"]


def test_two_at_once_make_the_images_once(docker, machine, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    waiting = threading.Event()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        other = threading.Thread(target=bootstrap.bootstrap, args=(lambda said: waiting.set(),))
        other.start()
        assert waiting.wait(5)
        other.join(0.3)
        assert other.is_alive()
        assert machine == []
        docker.names |= {*vars_of(build.image_names())}
    other.join(5)

    assert not other.is_alive()
    assert machine == []


def test_wheels_that_cannot_be_fetched_are_told(docker, machine, monkeypatch):
    def refuse(*_):
        raise UnavailableError("no wheel")

    monkeypatch.setattr(debian, "wheels", refuse)
    with pytest.raises(UnavailableError, match="no wheel"):
        bootstrap.bootstrap(silent)

    assert build.image_names().s3 not in docker.names


def test_a_full_cache_disk_is_one_sentence(docker, machine, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(debian, "minimal_system", full)
    with pytest.raises(UnavailableError, match=r"is full.*`DAGPROOF_CACHE`"):
        bootstrap.bootstrap(silent)


def test_a_connection_that_breaks_is_not_blamed_on_the_folder(docker, machine, monkeypatch):
    def broken(*_):
        raise ConnectionError("reset by peer")

    monkeypatch.setattr(debian, "minimal_system", broken)
    with pytest.raises(UnavailableError, match=r"Docker broke off.*reset by peer"):
        bootstrap.bootstrap(silent)


def test_who_is_not_root_is_told_so(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(UnavailableError, match="as root"):
        debian.require()


def test_without_debootstrap_the_way_out_is_named(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: None if name == "debootstrap" else name)
    with pytest.raises(UnavailableError, match="apt-get install debootstrap"):
        debian.require()


@pytest.mark.parametrize(
    ("said", "mirror"),
    [
        ("Debian Debian-Security main a\nDebian Debian main b\n", "b"),
        ("Ubuntu Ubuntu main a\n", None),
        ("  main a\n", None),
    ],
)
def test_the_mirror_is_the_one_that_apt_uses(monkeypatch, said, mirror):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr(debian, "run", lambda *_: said)
    if mirror:
        assert debian.require() == mirror
    else:
        with pytest.raises(UnavailableError, match="apt knows no mirror"):
            debian.require()


def test_a_program_that_fails_is_quoted():
    code = "print('\\n'.join(str(n) for n in range(30))); raise SystemExit(1)"
    with pytest.raises(UnavailableError) as caught:
        debian.run([sys.executable, "-c", code], "It cannot.")

    sentence, *rest = str(caught.value).splitlines()
    assert sentence == "It cannot."
    assert rest[1:] == [str(number) for number in range(22, 30)]


def test_a_program_on_a_full_disk_is_one_sentence():
    code = "raise SystemExit('tar: No space left on device')"
    with pytest.raises(UnavailableError, match=r"\AThe disk .* is full\. .*`DAGPROOF_CACHE`.*\Z"):
        debian.run([sys.executable, "-c", code], "It cannot.")


def test_wheels_are_fetched_for_the_python_of_the_minimal_system(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(debian, "run", lambda command, _: asked.extend(command))
    debian.wheels(["mlflow"], tmp_path)

    assert asked[asked.index("--python-version") + 1] == recipes.PYTHON
    assert "--only-binary=:all:" in asked
    assert asked[-1] == str(recipes.requirements("mlflow"))


def test_without_pip_the_way_out_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(debian, "find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(UnavailableError, match="ensurepip"):
        debian.wheels(["s3"], tmp_path)


def test_an_archive_of_a_folder_has_what_is_kept(tmp_path):
    (tmp_path / "kept").write_text("x")
    (tmp_path / "left").write_text("x")
    with (
        build.pack(tmp_path, lambda member: member.name != "./left") as file,
        tarfile.open(fileobj=file) as archive,
    ):
        names = archive.getnames()

    assert names == [".", "./kept"]


def test_the_entry_script_is_clean():
    subprocess.run(["sh", "-n", recipes.FOLDER / "postgres.sh"], check=True)


def vars_of(names):
    """Return all names."""
    return names.mlflow, names.s3, names.postgres
