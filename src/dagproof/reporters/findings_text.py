"""The findings for a person at a terminal: place, fact, source line, way there, fix."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dagproof.model import ContractTrace, Finding, Report, Severity, Span, Unread
from dagproof.reporters.characters import visible, visible_lines
from dagproof.reporters.excerpt import underlined
from dagproof.reporters.imports_text import cost_table
from dagproof.reporters.unimported import do_not, fails
from dagproof.reporters.words import codes, count, is_step


def render(report: Report) -> str:
    """Return a block for each finding, what could not be read, what imports cost, and the sum.

    Nothing in it is obeyed by a terminal, whatever files are named and hold.
    """
    blocks = [finding_text(finding) for finding in report.findings]
    unread = [f"  {visible(error.path)}: {visible(error.message)}" for error in untold(report)]
    if unread:
        blocks.append("\n".join(["Could not be read:", *unread]))
    if costs := cost_table(report.imports):
        blocks.append(costs)
    if report.contracts:
        blocks.append(_tried(report.contracts))
    mendable = sum(bool(finding.edits) for finding in report.findings)
    offer = [f"`--fix` can mend {count(mendable, 'finding')}."] if mendable else []
    blocks.append("\n".join([*map(visible, report.notes), *offer, _summary(report)]))
    return "\n\n".join(blocks)


def finding_text(finding: Finding) -> str:
    """Return one finding as the report shows it, without a final newline.

    XML can carry it: it has no control characters but line breaks.
    """
    return "\n".join(_finding(finding))


def _finding(finding: Finding) -> Iterator[str]:
    new = {True: ", new", False: ", there before", None: ""}[finding.new]
    yield f"{place(finding.span)} {codes(finding)} {finding.slug}  {finding.severity}{new}"
    yield f"  {visible(finding.message)}"
    if finding.excerpt.strip():
        number = str(finding.span.line)
        line, carets = underlined(finding.excerpt, finding.span)
        yield f"  {number} | {line}"
        yield f"  {' ' * len(number)} | {carets}"
    for related in finding.related:
        word = "reached from" if is_step(related) else "see"
        yield f"    {word} {place(related.span)}: {visible(related.message)}"
    for detail in visible_lines(finding.detail):
        yield f"    {detail}".rstrip()
    yield f"  fix: {visible(finding.fix)}"


def untold(report: Report) -> tuple[Unread, ...]:
    """Return the files that could not be read and that no finding is about."""
    told = {finding.span.path for finding in report.findings}
    return tuple(error for error in report.errors if error.path not in told)


def place(span: Span) -> str:
    """Return where a span begins, as editors and terminals make links of it."""
    return f"{visible(span.path)}:{span.line}:{span.column}"


def _tried(contracts: Sequence[ContractTrace]) -> str:
    """Return how much was tried, in one line."""
    dags = count(sum(len(one.dag_ids) for one in contracts), "DAG")
    confs = count(sum(one.confs for one in contracts), "conf")
    templates = count(sum(one.templates for one in contracts), "template")
    values = count(sum(one.values for one in contracts), "XCom value")
    return f"Tried {dags}: {templates}, {confs}, {values}."


def _summary(report: Report) -> str:
    failing = sum(map(fails, report.imports))
    severities = Counter(finding.severity for finding in report.findings)
    found = ", ".join(count(severities[one], one) for one in Severity if severities[one])
    if found:
        line = f"{found} in {count(report.files, 'file')}"
    elif report.errors or failing:
        line = f"No findings in {count(report.files, 'file')}"
        line += f"; {failing:,} {do_not(failing)}" if failing else ""
    else:
        line = f"{count(report.files, 'file')} {'is' if report.files == 1 else 'are'} clean"
    unread = f"; {count(len(report.errors), 'file')} could not be read" if report.errors else ""
    return f"{line}{unread}"
