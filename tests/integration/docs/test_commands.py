"""Every command that the documentation shows is carried out, or a table has the reason."""

import re

import pytest
from integration.docs.table import ELSEWHERE, NOT_RUN, TESTS_NOT_RUN
from unit.docs.blocks import Block, Marker, commands, name_of, pages, parts

PAGES = {name_of(page): page for page in pages()}


def why_not(page, command):
    """Return the reason why a command of a page is not carried out; empty for none."""
    for where, pattern, reason in NOT_RUN:
        if re.fullmatch(where, page) and re.fullmatch(pattern, command, re.DOTALL):
            return reason
    return ""


def why_no_tests(page, block):
    """Return the reason why tests that a page shows are not run; empty for none."""
    return next((TESTS_NOT_RUN.get((page, name), "") for name in block.tests), "")


def shells(name):
    """Return the page's parts, with the markers of pages that have none of their own."""
    found = []
    for part in parts(PAGES[name].read_text(encoding="utf-8")):
        first = next(iter(commands(part)), None) if isinstance(part, Block) else None
        words = ELSEWHERE.get((name, first.text)) if first else None
        found += [Marker(part.line, one) for one in words or ()] + [part]
    return found


def does(name):
    """Say whether there is anything on the page that a test can carry out."""
    shown = [part for part in shells(name) if isinstance(part, Block)]
    tests = any(part.tests and not why_no_tests(name, part) for part in shown)
    return tests or any(
        not why_not(name, command.text) for part in shown for command in commands(part)
    )


RUN = list(filter(does, PAGES))


@pytest.mark.parametrize("name", RUN)
def test_commands_of_a_page_do_and_print_what_it_says(name, reader):
    complaints, exits = [], ()
    for part in shells(name):
        if isinstance(part, Marker):
            if part.repository:
                reader.open(part.repository)
            if part.hidden:
                code, printed = reader.run(part.hidden)
                assert code == 0, f"{name}:{part.line}: {printed}"
            exits = part.exits
            continue
        if (file := part.file) and reader.root:
            reader.write(*file)
        elif part.language == "diff" and reader.root:
            complaints.append(reader.apply(part.text))
        todo = [one for one in commands(part) if not why_not(name, one.text)]
        for number, command in enumerate(todo):
            assert reader.root, f"{name}:{command.line} is in no repository: `{command.text}`"
            code = exits[min(number, len(exits) - 1)] if exits else 0
            complaints.append(reader.do(command, code))
        if part.tests and not why_no_tests(name, part):
            assert reader.root, f"{name}:{part.line} is in no repository: {part.tests}"
            complaints.append(reader.test(part))
        exits = ()
    assert not any(complaints), f"\n{name}: " + f"\n{name}: ".join(filter(None, complaints))


def test_every_reason_is_of_a_command_that_is_there():
    shown = [
        (name, command.text)
        for name in PAGES
        for part in shells(name)
        if isinstance(part, Block)
        for command in commands(part)
    ]
    for where, pattern, reason in NOT_RUN:
        assert any(
            re.fullmatch(where, name) and re.fullmatch(pattern, text, re.DOTALL)
            for name, text in shown
        ), (where, pattern)
        assert len(reason.split()) > 2, (where, pattern)
    for name, text in ELSEWHERE:
        assert (name, text) in shown
    tests = {
        (name, test)
        for name in PAGES
        for part in shells(name)
        if isinstance(part, Block)
        for test in part.tests
    }
    assert set(TESTS_NOT_RUN) <= tests
