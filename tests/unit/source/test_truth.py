"""Tests go the way that they go in every Python that Airflow runs on."""

from pathlib import Path

import pytest
from linting import marked, programs

PROGRAMS = programs("""
## constants
if 0: get()
if "": get()
if 1: get()  #!
if not 0: get()  #!
if not os.getenv("x"): get()  #!
## names of constants
DEBUG = False
if DEBUG: get()
if not DEBUG: get()  #!
NOTHING = None
if NOTHING is None: get()  #!
if NOTHING is not None: get()
MODE = "dev"
if MODE == "prod": get()
if MODE != "prod": get()  #!
if MODE == "dev": get()  #!
if MODE < "prod": get()  #!
## a name that is given another value on some way is not known
DEBUG = False
if os.getenv("x"): DEBUG = True
if DEBUG: get()  #!
## a name inside of a branch is not known
if os.getenv("x"):
    DEBUG = False
    if DEBUG: get()  #!
## a parameter is known for its call
def f(on=False):
    if on: get()  #!
f()
f(True)
## several tests
A = False
if A and os.getenv("x"): get()
if os.getenv("x") and A: get()
if A or os.getenv("x"): get()  #!
if A or not A: get()  #!
if A or False: get()
if True and True: get()  #!
## the guard of scripts
if __name__ == "__main__": get()
if "__main__" == __name__: get()
if __name__ != "__main__": get()  #!
if __name__ == "dag": get()  #!
if __name__ in ("__main__",): get()  #!
if __name__ > "__main__": get()  #!
## type checking
import typing
from typing import TYPE_CHECKING as T
import typing_extensions
if typing.TYPE_CHECKING: get()
if T: get()
if not T: get()  #!
if typing_extensions.TYPE_CHECKING: get()
if typing.OTHER: get()  #!
## versions of Python
import sys
if sys.version_info >= (3, 8): get()  #!
else: get()
if sys.version_info > (3,): get()  #!
if sys.version_info < (3, 10): get()
if sys.version_info <= (3, 10): get()  #!
if sys.version_info >= (3, 12): get()  #!
else: get()  #!
if sys.version_info >= ("3", 8): get()  #!
if sys.version_info >= (3, os.x): get()  #!
if sys.version_info >= os.x: get()  #!
if sys.version_info[0] == 2: get()
if sys.version_info[0] >= 3: get()  #!
if sys.version_info.major < 3: get()
if sys.version_info[0] in (2,): get()  #!
if sys.version_info[0] >= "3": get()  #!
if sys.version_info[1] >= 12: get()  #!
if sys.version_info.minor < 9: get()  #!
## a name is known again behind code that may not run
if os.getenv("x"): pass
A = False
if A: get()
for _ in os.environ: pass
B = False
if B: get()
while os.getenv("x"): break
C = False
if C: get()
try: pass
except OSError: pass
D = False
if D: get()
match os.getenv("x"):
    case _: pass
E = False
if E: get()
## a name that code which may not run gives is not known
for _ in os.environ: A = False
if A: get()  #!
while os.getenv("x"): B = False
if B: get()  #!
try: pass
except OSError: C = False
if C: get()  #!
match os.getenv("x"):
    case _: D = False
if D: get()  #!
for _ in os.environ: pass
else: E = False
if E: get()  #!
## among constants
MODE = "dev"
if MODE in ("prod", "test"): get()
if MODE in ["dev"]: get()  #!
if MODE not in {"dev"}: get()
if MODE not in ("prod",): get()  #!
if MODE in ("prod", os.x): get()  #!
if MODE in os.x: get()  #!
if os.x in ("dev",): get()  #!
if MODE in (): get()
## a chain of comparisons is not known
A = 1
if 0 < A < 2: get()  #!
## what stands on the left is not always a name
if os.getenv("x") == "y": get()  #!
if get == None: get()  #!
if unknown == 1: get()  #!
if unknown: get()  #!
""")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_runs_at_import_is_seen(name: str, tmp_path: Path) -> None:
    seen, wanted = marked(tmp_path, PROGRAMS[name])
    assert seen == wanted
