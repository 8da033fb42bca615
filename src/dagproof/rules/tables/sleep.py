"""Calls that wait (DP109)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "time": "sleep",
    "asyncio": "sleep",
    "gevent": "sleep hub.sleep wait",
    "eventlet": "sleep greenthread.sleep",
    "trio": "sleep sleep_until sleep_forever",
    "anyio": "sleep sleep_until sleep_forever",
    "curio": "sleep",
    "threading": "Event().wait Condition().wait Condition().wait_for Barrier().wait",
    "multiprocessing": "Event().wait",
    "select": "select poll().poll epoll().poll",
    "signal": "pause sigwait sigtimedwait",
    "sched": "scheduler().run",
    "schedule": "run_pending run_all",
    "builtins": "input",
}
