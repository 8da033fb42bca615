"""The taxi pipeline once a month: the month comes from the date of the run, or from a Variable."""
