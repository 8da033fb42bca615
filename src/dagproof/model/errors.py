"""Complaints that reach the user as one sentence: what, where, what to do."""


class DagproofError(Exception):
    """Any refusal by dagproof; the text is one sentence for the user.

    Attributes:
        exit_code: what the command line exits with.
    """

    exit_code = 3


class UsageError(DagproofError):
    """The question was wrong: arguments, configuration, a conf that the DAG refuses."""

    exit_code = 2


class UnavailableError(DagproofError):
    """dagproof could not look: a service, a package or a file is missing."""

    exit_code = 3
