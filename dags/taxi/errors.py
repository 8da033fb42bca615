"""What a month of trips can have wrong with it, told in one sentence."""


class UnusableMonthError(ValueError):
    """The input itself is at fault, so trying again cannot help.

    The message is one sentence that names the file or address and says what to do.
    """
