"""Keeps Hypothesis from reading the repository's sources and from writing files of its own."""

import contextlib
import os
import warnings
from collections.abc import Iterator
from unittest import mock


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Have searches depend on nothing but their strategies, and leave no `.hypothesis` behind.

    Hypothesis takes constants from all modules of the repository that are loaded, which is seconds
    of parsing, a cache in the working directory, and other values with each edit of any file.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        with contextlib.suppress(ImportError, AttributeError):  # Hypotheses before 6.131
            from hypothesis.internal.conjecture import providers
            from hypothesis.internal.constants_ast import Constants

            stack.enter_context(
                mock.patch.object(providers, "_get_local_constants", return_value=Constants())
            )
        stack.enter_context(_homeless())
        stack.enter_context(_by_itself())
        yield


@contextlib.contextmanager
def _by_itself() -> Iterator[None]:
    """Let a search be no part of the user's own test, where Hypothesis forbids a second one."""
    from hypothesis import control

    context = getattr(control, "_current_build_context", None)
    if context is None:
        yield
        return
    with context.with_value(None):
        yield


@contextlib.contextmanager
def _homeless() -> Iterator[None]:
    """Give Hypothesis a home in which nothing can be made; it does without its caches then."""
    from hypothesis import configuration

    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(os.devnull)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
