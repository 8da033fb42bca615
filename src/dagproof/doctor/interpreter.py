"""Python, and what surrounds it: version, encoding, bytecode."""

import locale
import os
import platform
import sys
from collections.abc import Iterator
from typing import Final

from dagproof.doctor.check import Check, ok, problem, warning
from dagproof.doctor.surroundings import Surroundings

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)


def python(_: Surroundings) -> Iterator[Check]:
    """Say whether dagproof supports this Python."""
    where = f"Python {platform.python_version()} in {sys.prefix}"
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        yield ok("python", where)
    else:
        yield problem(
            "python", f"{where} is not supported, only 3.11 to 3.13", "uv venv --python 3.12"
        )


def encoding(_: Surroundings) -> Iterator[Check]:
    """Say whether files and names are read as UTF-8."""
    files, names = locale.getpreferredencoding(do_setlocale=False), sys.getfilesystemencoding()
    odd = [one for one in (files, names) if one.lower().replace("-", "") != "utf8"]
    if odd:
        yield warning(
            "encoding",
            f"Python reads files as {files} and names as {names}, where your DAG files and those "
            "of CI are UTF-8",
            "export PYTHONUTF8=1",
        )
    else:
        yield ok("encoding", "UTF-8")


def bytecode(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether Python may keep bytecode."""
    if surroundings.environ.get("PYTHONDONTWRITEBYTECODE"):
        yield warning(
            "bytecode",
            "`PYTHONDONTWRITEBYTECODE` is set: pytest compiles Airflow at every start, and "
            "dagproof keeps bytecode in its cache folder instead",
            "unset PYTHONDONTWRITEBYTECODE",
        )


def platform_of(_: Surroundings) -> Iterator[Check]:
    """Say whether this system can do all that dagproof asks of it."""
    here = f"{platform.system()} {platform.release()} on {platform.machine()}"
    if os.name != "posix":
        yield problem("system", f"{here}: dagproof needs Linux or macOS", "wsl --install")
    elif sys.platform != "linux":
        yield warning(
            "system", f"{here}: `audit` refuses what Python does, native code is not confined"
        )
    else:
        yield ok("system", here)
