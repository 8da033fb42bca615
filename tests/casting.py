"""Tasks whose arguments come from templates, and what their callables say of them."""

from types import SimpleNamespace

from dagproof.airflow_compat.rendered import Outcome, RenderedTask


def text(value):
    """Return a text that is no other object."""
    return "".join(["", *value])


def outcome(value, source="{{ x }}", **facts):
    return Outcome(source, is_file=False, native=False, value=value, **facts)


def rendered(function, *arguments, outcomes=None, error=None, **keywords):
    """Return a task whose arguments all came from templates."""
    task = SimpleNamespace(python_callable=function, op_args=arguments, op_kwargs=keywords)
    if outcomes is None:
        named = [*enumerate(arguments), *keywords.items()]
        outcomes = tuple(outcome(value, f"{{{{ {name} }}}}") for name, value in named)
    return RenderedTask(task, outcomes, error)


def original(*arguments, **keywords):
    """Return the task as it was imported, with templates for arguments."""
    return SimpleNamespace(
        task_id="load",
        template_fields=("op_args", "op_kwargs"),
        op_args=[f"{{{{ {index} }}}}" for index, _ in enumerate(arguments)],
        op_kwargs={name: f"{{{{ {name} }}}}" for name in keywords},
    )


def faults(callables, function, *arguments, outcomes=None, error=None, **keywords):
    task = original(*arguments, **keywords)
    given = rendered(function, *arguments, outcomes=outcomes, error=error, **keywords)
    return list(callables.faults(task, given))


def whats(callables, *arguments, **keywords):
    return [one.what for one in faults(callables, *arguments, **keywords)]


def place_of(function):
    return function.__code__.co_filename, function.__code__.co_firstlineno
