"""Has the kernel keep a process from what an audit hook cannot see: native code, on Linux.

Landlock keeps files outside the given folders from being written and signals from reaching other
processes; a seccomp filter keeps sockets from connecting and listening. Neither needs privileges.
What a kernel does not have is left out: the hook refuses all the same what Python sees.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

_NO_NEW_PRIVILEGES: Final = 38
_SECCOMP: Final = 22
_FILTER: Final = 2
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION: Final = 1
_BENEATH: Final = 1

# https://docs.kernel.org/userspace-api/landlock.html
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_MAKE_AND_REMOVE: Final = sum(1 << bit for bit in range(4, 13))
_TCP: Final = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS: Final = 0b11
_SINCE_REFER, _SINCE_TRUNCATE, _SINCE_TCP, _SINCE_SCOPES = 2, 3, 4, 6

# https://docs.kernel.org/userspace-api/seccomp_filter.html
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ECONNREFUSED = 1, 111
_NUMBER, _ARCHITECTURE, _ADDRESS = 0, 4, 48
_CALLS: Final = {
    # architecture, connect, listen, sendto, sendmmsg, io_uring_setup
    "x86_64": (0xC000003E, 42, 50, 44, 307, 425),
    "aarch64": (0xC00000B7, 203, 201, 206, 269, 425),
}


@cache
def libc() -> ctypes.CDLL:
    """Return libc; loaded before a process is forked, so that a child need not load anything."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        library.syscall.restype = ctypes.c_long
        _ = library.prctl
    return library


def confine(writable: Iterable[str], *, files: bool, sockets: bool) -> None:
    """Keep this process from what it is not to do; for good, and as far as the kernel can.

    Args:
        writable: absolute paths that may be written to, with what lies below them.
        files: whether writing is kept to these.
        sockets: whether it is kept off sockets, and from signalling other processes.
    """
    if files:
        keep_files(writable)
    if sockets:
        keep_to_itself()
        keep_off_sockets()


def keep_files(writable: Iterable[str]) -> bool:
    """Keep this process from writing anywhere but below folders, or to files; for good.

    Args:
        writable: absolute paths; those that are not there are left out.

    Returns:
        Whether the kernel does it.
    """
    version = _landlock_version()
    if version < 1:
        return False
    rights = _WRITE_FILE | _MAKE_AND_REMOVE
    rights |= _REFER if version >= _SINCE_REFER else 0
    rights |= _TRUNCATE if version >= _SINCE_TRUNCATE else 0
    ruleset = _ruleset(rights, 0, 0)
    for path in writable:
        _add(ruleset, path, rights if os.path.isdir(path) else rights & (_WRITE_FILE | _TRUNCATE))  # noqa: PTH112 - as text
    return _restrict(ruleset)


def keep_to_itself() -> bool:
    """Keep this process from signalling others and from TCP; for good, as far as Landlock can.

    Returns:
        Whether the kernel does it.
    """
    version = _landlock_version()
    if version < _SINCE_TCP:
        return False
    return _restrict(
        _ruleset(0, _TCP, _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SINCE_SCOPES else 0)
    )


def keep_off_sockets() -> bool:
    """Keep this process from connecting, listening and sending to addresses; for good.

    Returns:
        Whether the kernel does it.
    """
    calls = _CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    program = _program(*calls)
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    described = ctypes.create_string_buffer(
        struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer))
    )
    _no_new_privileges()
    done: int = libc().prctl(_SECCOMP, _FILTER, described, 0, 0)
    return done == 0


def _program(
    architecture: int, connect: int, listen: int, sendto: int, sendmmsg: int, ring: int
) -> Sequence[tuple[int, int, int, int]]:
    """Return a filter: instructions of code, jumps where it is true and where not, and a value."""
    refuse, refused_connection, allow = 11, 12, 10
    checks = [(connect, refused_connection), (listen, refuse), (sendmmsg, refuse), (ring, refuse)]
    head = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 0, allow - 2, architecture)]
    numbers = [(_LOAD, 0, 0, _NUMBER)]
    jumps = [(_EQUAL, to - (3 + place) - 1, 0, number) for place, (number, to) in enumerate(checks)]
    address = [
        (_EQUAL, 0, 2, sendto),
        (_LOAD, 0, 0, _ADDRESS),
        (_EQUAL, 0, 1, 0),
    ]
    ends = [
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ERRNO | _ECONNREFUSED),
    ]
    return [*head, *numbers, *jumps, *address, *ends]


def _no_new_privileges() -> None:
    libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _landlock_version() -> int:
    if sys.platform != "linux":
        return 0
    version: int = libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return version


def _ruleset(files: int, network: int, scopes: int) -> int:
    sizes = 8 if not network and not scopes else 16 if not scopes else 24
    attributes = struct.pack("<QQQ", files, network, scopes)[:sizes]
    buffer = ctypes.create_string_buffer(attributes, sizes)
    descriptor: int = libc().syscall(_CREATE, buffer, ctypes.c_size_t(sizes), ctypes.c_uint32(0))
    return descriptor


def _add(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, place), 12)
    libc().syscall(_ADD, ruleset, _BENEATH, rule, ctypes.c_uint32(0))
    os.close(place)


def _restrict(ruleset: int) -> bool:
    if ruleset < 0:
        return False
    _no_new_privileges()
    done: int = libc().syscall(_RESTRICT, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return done == 0
