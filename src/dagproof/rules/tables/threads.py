"""Calls that start threads or pools of workers (DP110)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "threading": "Thread().start Timer().start Thread().join",
    "_thread": "start_new_thread start_new",
    "concurrent": """
        futures.*Executor futures.*Executor().submit futures.*Executor().map
        futures.thread.ThreadPoolExecutor futures.thread.ThreadPoolExecutor().submit
        futures.thread.ThreadPoolExecutor().map futures.process.ProcessPoolExecutor
        futures.process.ProcessPoolExecutor().submit futures.process.ProcessPoolExecutor().map
    """,
    "multiprocessing": """
        Process().start **.Pool **.ThreadPool **.Pool().* **.ThreadPool().* **.Process().start
        Manager managers.BaseManager().start get_context().Process().start
        shared_memory.SharedMemory !**.Pool().close !**.Pool().terminate !**.ThreadPool().close
        !**.ThreadPool().terminate
    """,
    "multiprocess": "Process().start Pool Pool().* pool.ThreadPool Manager !Pool().close",
    "pathos": """
        multiprocessing.ProcessingPool multiprocessing.ProcessPool pools.ProcessPool
        **.ProcessPool().map
    """,
    "billiard": "Process().start Pool Pool().* **.Pool",
    "loky": "get_reusable_executor get_reusable_executor().* ProcessPoolExecutor",
    "joblib": "Parallel()",
    "pandarallel": "pandarallel.initialize",
    "gevent": "spawn spawn_later joinall pool.Pool().spawn pool.Pool().map Greenlet.spawn",
    "eventlet": "spawn spawn_n GreenPool().spawn",
    "asyncio": """
        to_thread get_event_loop().run_in_executor get_running_loop().run_in_executor
        new_event_loop().run_in_executor
    """,
    "anyio": "to_thread.run_sync from_thread.start_blocking_portal",
    "asgiref": "sync.sync_to_async()()",
    "schedule": "every().*.do every().*.*.do every().*.at().do",
    "apscheduler": "**.*Scheduler().start",
    "rocketry": "Rocketry().run",
    "watchdog": "**.Observer().start **.PollingObserver().start",
    "twisted": "internet.reactor.run internet.threads.deferToThread",
    "tornado": "ioloop.IOLoop.current().start ioloop.IOLoop.instance().start",
    "opentelemetry": """
        sdk.trace.export.BatchSpanProcessor sdk.metrics.export.PeriodicExportingMetricReader
        sdk._logs.export.BatchLogRecordProcessor
    """,
    "logging": "handlers.QueueListener().start config.listen().start",
    "pynput": "**.Listener().start",
    "huey": "*Huey().create_consumer().run",
}
