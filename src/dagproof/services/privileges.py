"""What a child does to itself before it becomes Postgres: drop root, and die with its parent."""

import ctypes
import os
import pwd
import signal
import sys
from functools import cache

from dagproof.model import UnavailableError

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_SECBIT_KEEP_CAPS = 1 << 4
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


@cache
def _libc() -> ctypes.CDLL:
    """Return libc with our functions looked up, so that a forked child need not load anything."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        _ = libc.prctl, libc.capset
    return libc


def die_with_parent(sign: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to send a signal when the thread that made this process ends (Linux)."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def server_account() -> tuple[int, int] | None:
    """Return user and group for a server that refuses root; None when we are not root.

    Raises:
        UnavailableError: we are root and there is no way down.
    """
    _libc()
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise UnavailableError("Postgres refuses to run as root. Run as an ordinary user.")
    try:
        account = pwd.getpwnam("nobody")
    except KeyError as error:
        raise UnavailableError(
            "Postgres refuses to run as root, and there is no user `nobody` to run it as. "
            "Create one, or run as an ordinary user."
        ) from error
    return account.pw_uid, account.pw_gid


def become(user: int, group: int) -> None:
    """Turn from root into another user who may still enter every folder.

    A virtual environment or a cache below /root is closed to every other user; Postgres asks
    for no more than to not be user 0. So it keeps one capability, the one to pass folder
    permissions. `access()` drops capabilities of ordinary users, hence the secure bits.

    Raises:
        OSError: this root may not do that; the child ends.
    """
    libc = _libc()
    libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP | _SECBIT_KEEP_CAPS, 0, 0, 0)
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    mask = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if libc.capset(header, effective_permitted_inheritable) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
