"""Calls that change the environment of the process (DP108)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "os": """
        environ.__setitem__ environ.__delitem__ environ.__ior__ environ.setdefault environ.update
        environ.pop environ.popitem environ.clear
        environb.__setitem__ environb.__delitem__ environb.__ior__ environb.setdefault
        environb.update environb.pop environb.clear
        putenv unsetenv
    """,
    "dotenv": "load_dotenv main.load_dotenv load_ipython_extension",
    "environ": "Env.read_env Env().read_env",
    "environs": "Env().read_env Env.read_env env.read_env",
}
