"""The Python steps of `simple_test_dag`."""

from mlops.failures import PermanentError


def run_function(name: str) -> str:
    """Return a greeting for `name`."""
    return f"Hello {name}"


def check_command(said: str | None, heard: str | None) -> dict[str, str]:
    """Return both greetings if they are the same.

    Args:
        said: what `run_function` returned.
        heard: the last line that the command printed.

    Raises:
        PermanentError: they differ, so that this installation loses something between tasks.
    """
    if not said or said != heard:
        raise PermanentError(
            f"Python said {said!r} and Bash printed {heard!r}; look at the shell and the encoding "
            "(LANG) of the worker."
        )
    return {"said": said, "heard": heard}
