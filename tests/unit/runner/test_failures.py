"""A failure is told from the task's own frames on."""

import functools
import socket

import pytest

from dagproof.runner.failures import describe


def frames_in(module, body):
    """Return a function `call(inner)` whose frame belongs to a module of that name."""
    scope = {"__name__": module}
    exec(compile(body, f"<{module}>", "exec"), scope)  # noqa: S102 - the frame needs a module
    return scope["call"]


CALL = "def call(inner):\n    inner()\n"


def raised(function):
    try:
        function()
    except BaseException as error:  # noqa: BLE001 - whatever the test raises
        return error
    raise AssertionError("nothing was raised")


def fail():
    raise ValueError("no rows")


def describe_through(*modules):
    """Describe `fail()` as called through frames of these modules, outermost first."""

    def called():
        inner = fail
        for module in reversed(modules):
            outer = frames_in(module, CALL)
            inner = functools.partial(outer, inner)
        inner()

    error = raised(called)
    # The frames of this test module are not the user's; begin where the named modules do.
    frames = error.__traceback__
    while frames.tb_frame.f_globals["__name__"] not in modules:
        frames = frames.tb_next
    return describe(error.with_traceback(frames)).traceback


@pytest.mark.parametrize(
    "module", ["airflow.sdk.execution_time.task_runner", "dagproof.runner", "contextvars"]
)
def test_leading_frames_of_the_machinery_are_skipped(module):
    text = describe_through(module, "users.steps")

    assert f"<{module}>" not in text
    assert "<users.steps>" in text


def test_frames_of_a_package_whose_name_begins_alike_stay():
    assert "<airflow_helpers.steps>" in describe_through("airflow_helpers.steps", "users.steps")


def test_machinery_below_the_users_code_stays():
    text = describe_through("airflow.outer", "users.steps", "airflow.inner")

    assert "<airflow.inner>" in text
    assert "<airflow.outer>" not in text


def test_error_without_frames_of_the_user_keeps_them_all():
    error = raised(frames_in("airflow.own", "def call():\n    raise KeyError(1)\n"))
    error.__traceback__ = error.__traceback__.tb_next  # Airflow's frame alone

    assert "<airflow.own>" in describe(error).traceback


def test_error_that_was_never_raised_has_no_frames():
    assert describe(ValueError("no")).traceback == "ValueError: no\n"


def test_chained_exceptions_are_kept():
    def chained():
        try:
            fail()
        except ValueError as error:
            raise RuntimeError("outer") from error

    text = describe(raised(chained)).traceback

    assert text.index("ValueError: no rows") < text.index("direct cause") < text.index("outer")


def test_type_is_named_with_its_module():
    assert describe(socket.gaierror()).type == "socket.gaierror"


def test_builtin_type_is_named_alone():
    assert describe(ValueError("x")).type == "ValueError"


def test_message_keeps_its_lines():
    assert describe(ValueError("a\nb")).message == "a\nb"


def test_error_whose_text_raises_is_described_all_the_same():
    class MuteError(Exception):
        def __str__(self):
            raise TypeError

    assert describe(MuteError()).message == "(its text cannot be read: TypeError)"


def test_stacks_of_the_watchdog_follow_the_traceback():
    assert describe(ValueError("no"), stacks="Thread Main").traceback == (
        "ValueError: no\n\nThread Main"
    )
