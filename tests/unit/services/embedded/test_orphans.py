"""Numbers in `postmaster.pid`."""

import os
import subprocess
import sys

from dagproof.services.embedded import orphans


def test_a_number_that_belongs_to_another_program_is_forgotten(tmp_path):
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    orphans.end_predecessor(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()


def test_a_number_that_nobody_has_is_left_to_postgres(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "postmaster.pid").write_text(f"{gone.pid}\n")
    orphans.end_predecessor(tmp_path)

    assert (tmp_path / "postmaster.pid").exists()


def test_a_server_of_the_folder_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(orphans, "_PATIENCE_SECONDS", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, "-D", str(tmp_path), "-p"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        (tmp_path / "postmaster.pid").write_text(f"{server.pid}\n")
        orphans.end_predecessor(tmp_path)

        assert server.wait(5) < 0


def test_a_folder_whose_name_begins_alike_is_another(tmp_path):
    code = "import time; print(1, flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, "-D", f"{tmp_path}-other", "-p"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        server.stdout.readline()

        assert not orphans.runs(server.pid, tmp_path)
        assert orphans.runs(server.pid, tmp_path.with_name(f"{tmp_path.name}-other"))
        server.kill()


def test_garbage_in_the_file_is_no_error(tmp_path):
    (tmp_path / "postmaster.pid").write_text("x")
    orphans.end_predecessor(tmp_path)
    orphans.end_predecessor(tmp_path / "none")
