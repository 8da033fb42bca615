"""Places in SARIF: files, stretches of them, and what is to be changed there."""

from urllib.parse import quote

from dagproof.model import Finding, Span


def artifact(path: str) -> dict[str, object]:
    """Return where a file is: below the root of the repository, or anywhere on this machine."""
    try:
        uri = quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # half a character that is no byte of a file's name
        uri = quote(path, errors="surrogatepass")
    return (
        {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    )


def region(span: Span) -> dict[str, object]:
    """Return a stretch of a file."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def location(span: Span, message: str) -> dict[str, object]:
    """Return a place with what happens there."""
    return {**place(span), "message": {"text": message}}


def place(span: Span, line: str = "") -> dict[str, object]:
    """Return a place, with its text where that is on one line.

    Args:
        span: the place.
        line: the source line that the span begins on.
    """
    physical = {"artifactLocation": artifact(span.path), "region": region(span)}
    if line and span.line == span.end_line:
        text = line[span.column - 1 : span.end_column - 1]
        physical["region"] |= {"snippet": {"text": text}}
        physical["contextRegion"] = {"startLine": span.line, "snippet": {"text": line}}
    return {"physicalLocation": physical}


def fixes(finding: Finding) -> list[dict[str, object]]:
    """Return the edits of a finding, to be made together, by file."""
    replacements: dict[str, list[dict[str, object]]] = {}
    for edit in finding.edits:
        replacement = {"deletedRegion": region(edit.span), "insertedContent": {"text": edit.text}}
        replacements.setdefault(edit.span.path, []).append(replacement)
    changes = [
        {"artifactLocation": artifact(path), "replacements": of_file}
        for path, of_file in replacements.items()
    ]
    return [{"description": {"text": finding.fix}, "artifactChanges": changes}]
