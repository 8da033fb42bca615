"""A Postgres that outlived its keeper: let it end, help it, or forget a number of somebody else."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_PATIENCE_SECONDS = 3


def end_predecessor(folder: Path) -> None:
    """Make sure that no Postgres runs in a data folder and none seems to.

    On Linux the kernel has already told it to stop when its keeper died. A number in
    `postmaster.pid` that now belongs to another program would keep Postgres from starting;
    after a restart of a container that is the rule.
    """
    pid_file = folder / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    for sign in (0, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not runs(pid, folder):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while runs(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.02)
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        pid_file.unlink(missing_ok=True)


def runs(pid: int, folder: Path) -> bool:
    """Say whether a process is the Postgres of a data folder."""
    if Path("/proc/self").exists():
        try:
            shown = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return False
    else:
        command = ["ps", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f" {folder} " in f"{shown} "
