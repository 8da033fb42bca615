"""What plain DAG files are made of: names whose calls give the same for the same arguments."""

import re
from enum import IntEnum
from typing import Final


class Sort(IntEnum):
    """What may be done with a value; of several, the largest holds."""

    TEXT = 0
    """Its text and the order of its items are the same in every import."""
    ARGUMENTS = 1
    """A dict for `default_args`, with callbacks where callbacks belong."""
    OBJECT = 2
    """It is the same every time, but its text may show where in memory it lies."""
    STREAM = 3
    """It can be gone through, in one order, and nothing else."""


_TEXTS: Final = (
    "Asset DAG dag task setup teardown BashOperator BranchPythonOperator EmptyOperator "
    "LatestOnlyOperator PythonOperator ShortCircuitOperator TriggerDagRunOperator"
)
_OBJECTS: Final = (
    "Label Param TaskGroup task_group CronDataIntervalTimetable CronTriggerTimetable "
    "DeltaDataIntervalTimetable DeltaTriggerTimetable chain cross_downstream"
)
AIRFLOW: Final = {
    **dict.fromkeys(_TEXTS.split(), Sort.TEXT),
    **dict.fromkeys(_OBJECTS.split(), Sort.OBJECT),
}
"""What Airflow has under whichever module, and what a call of it gives."""

TIMES: Final = frozenset(
    {
        "datetime.datetime",
        "datetime.date",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "pendulum.datetime",
        "pendulum.duration",
        "pendulum.timezone",
    }
)
LIBRARY: Final = TIMES | {"textwrap.dedent"}
"""What libraries have, and gives what has a text."""

VALUES: Final = frozenset({"datetime.UTC", "pendulum.UTC", "datetime.timezone.utc"})
"""Imported values that are the same wherever they are asked for."""

FROM_AIRFLOW: Final = re.compile(
    r"airflow(\.(sdk|decorators|models|timetables|operators|utils|exceptions"
    r"|providers\.standard\.(operators|decorators))(\.\w+)*)?"
)
"""Modules of Airflow that have nothing else to say when they are imported."""

MADE_OF_TASKS: Final = frozenset({"task", "setup", "teardown"})
"""Decorators of Airflow whose functions run in tasks."""

KINDS_OF_TASKS: Final = frozenset({"bash", "branch", "python", "sensor", "short_circuit"})
"""What may follow `task` in a decorator."""

MADE_OF_DAGS: Final = frozenset({"dag", "task_group"})
"""Decorators of Airflow whose functions run at import."""

LINKING: Final = frozenset({"chain", "cross_downstream"})
"""Functions of Airflow that take whatever is linked."""

BUILTINS: Final = frozenset(
    {
     "range", "len", "str", "int", "float", "bool", "abs", "round", "dict", "list", "tuple",
     "sorted", "sum", "min", "max", "print",
    }
)  # fmt: skip
STREAMS: Final = frozenset({"enumerate", "zip", "reversed"})
EAGER: Final = frozenset({"dict", "list", "tuple", "sorted", "sum", "min", "max"})
"""Builtins that go through what they are given."""

METHODS: Final = frozenset(
    {
     "append", "as_setup", "as_teardown", "capitalize", "copy", "endswith", "extend", "get",
     "index", "insert", "isoformat", "lower", "lstrip", "pop", "replace", "rstrip",
     "set_downstream", "set_upstream", "split", "startswith", "strip", "title", "total_seconds",
     "upper", "zfill",
    }
)  # fmt: skip
VIEWS: Final = frozenset({"items", "keys", "values"})
MAPPING: Final = frozenset({"expand", "partial", "override"})
"""Methods of operators and of tasks that a decorator makes."""

ATTRIBUTES: Final = frozenset({"output", "task_id", "dag_id"})
SET_ATTRIBUTES: Final = frozenset({"doc", "doc_md", "doc_json", "doc_rst", "doc_yaml"})

CALLBACKS: Final = frozenset(
    {
     "python_callable", "on_success_callback", "on_failure_callback", "on_retry_callback",
     "on_execute_callback", "on_skipped_callback",
    }
)  # fmt: skip
OF_OBJECTS: Final = CALLBACKS | frozenset(
    {
     "schedule", "timetable", "params", "parent_group", "task_group", "dag",
    }
)  # fmt: skip
"""Arguments of Airflow that are told by what they hold, whatever its text is."""

DATES: Final = frozenset({"start_date", "end_date", "logical_date", "execution_date"})
"""Arguments that Airflow reads as a time: `now`, `Friday` and `10:00` are times."""

ZONES: Final = frozenset({"tz", "timezone", "tzinfo"})
"""Arguments that may be `local`."""

TELLING: Final = DATES | ZONES | OF_OBJECTS | {"template_searchpath", "default_args"}
"""Arguments that are looked at wherever they are given."""

ZONE: Final = re.compile(r"UTC|[A-Z]\w+/[A-Z]\w+")
ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|\+00:00)?)?")
NUMBER_FORMAT: Final = re.compile(r"[<>^=]?[+ -]?#?0?\d*[,_]?(\.\d+)?[bcdeEfFgGosxX]?")
ODD_FIELD: Final = re.compile(r"\{[^{}]*[:.!\[]")
"""A field of `str.format` that has more than a name."""

MODULE_NAMES: Final = frozenset({"__doc__", "__name__", "__file__"})
"""What a module is told of itself, the same in every import."""
