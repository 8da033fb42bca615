"""Calls that change the process around them: environment, folder, locale (DP108)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "os": """
        environ.__setitem__ environ.__delitem__ environ.__ior__ environ.setdefault environ.update
        environ.pop environ.popitem environ.clear
        environb.__setitem__ environb.__delitem__ environb.__ior__ environb.setdefault
        environb.update environb.pop environb.clear
        putenv unsetenv chdir fchdir chroot umask nice setuid setgid seteuid setegid setreuid
        setregid setgroups setpgid setsid setpriority sched_setaffinity environ.__setattr__
    """,
    "dotenv": "load_dotenv main.load_dotenv load_ipython_extension",
    "environ": "Env.read_env Env().read_env",
    "environs": "Env().read_env Env.read_env env.read_env",
    "locale": "setlocale resetlocale",
    "time": "tzset",
    "socket": "setdefaulttimeout",
    "resource": "setrlimit",
    "threading": "stack_size settrace setprofile",
    "multiprocessing": "set_start_method set_executable",
    "nest_asyncio": "apply",
    "gevent": "monkey.patch_all monkey.patch_socket monkey.patch_ssl monkey.patch_thread",
    "eventlet": "monkey_patch",
    "truststore": "inject_into_ssl",
}
