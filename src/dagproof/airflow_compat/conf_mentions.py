"""Says whether a template may give something else with another conf."""

from typing import Any, Final

_CONF: Final = frozenset({"params", "dag_run"})
_WAYS: Final = frozenset({"ti", "task_instance", "dag", "task"})
"""Names of a template's context that lead to the conf: at once, and by attributes."""


def mentions_conf(environment: Any, source: str) -> bool:
    """Say whether a template names the conf, or what may lead to it.

    Args:
        environment: that compiles it.
        source: its text.

    Raises:
        TemplateSyntaxError: it cannot be read.
    """
    from jinja2 import meta

    parsed = environment.parse(source)
    names = meta.find_undeclared_variables(parsed)
    by_attributes = names & _WAYS and ("conf" in source or "params" in source)
    return (
        bool(names & _CONF or by_attributes)
        or _hands_context_on(environment, parsed)
        or any(True for _ in meta.find_referenced_templates(parsed))
    )


def _hands_context_on(environment: Any, parsed: Any) -> bool:
    """Say whether a macro or a filter of the user's gets to see the whole context."""
    from jinja2 import nodes
    from jinja2.filters import FILTERS

    called = [environment.globals.get(one.name) for one in parsed.find_all(nodes.Name)]
    called += [
        environment.filters.get(one.name)
        for one in parsed.find_all(nodes.Filter)
        if one.name not in FILTERS
    ]
    return any(hasattr(one, "jinja_pass_arg") for one in called)
