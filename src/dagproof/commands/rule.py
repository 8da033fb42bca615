"""`dagproof rule`: what a rule is about, and what to do about it."""

import argparse

from dagproof.terminal import write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    rule = commands.add_parser("rule", help="a rule's page; without CODE, all rules")
    rule.add_argument("code", nargs="?", metavar="CODE", help="such as DP101, or its slug")
    rule.set_defaults(command=_rule)


def _rule(options: argparse.Namespace) -> int:
    from dagproof.reporters import rule_page
    from dagproof.rules import RULES

    if options.code is None:
        write_report(rule_page.table(RULES), None)
        return 0
    write_report(rule_page.page(rule_page.find_rule(options.code, RULES)), None)
    return 0
