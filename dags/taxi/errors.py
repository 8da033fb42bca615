"""What a month of trips can have wrong with it, told in one sentence."""

from mlops.failures import PermanentError


class UnusableMonthError(PermanentError):
    """The input itself is at fault, so trying again cannot help.

    The message is one sentence that names the file or address and says what to do.
    """


class DownloadError(Exception):
    """The source did not deliver this time; trying again goes on from what has arrived.

    The message is one sentence that names the address and says what to do.
    """
