#!/usr/bin/env python3
"""Fails on a log event of src/ that docs/operations.md#log-events does not explain, and on a row there for an event that src/ does not have.

check_log_events.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

An event is the text that a call of a logger names: `log.warn("batch held back", …)`. Its row begins with it: "| `batch held back` |".
"""
import re
import sys
from pathlib import Path

PAGE = "docs/operations.md"
HEADING = "## Log events"
ROW = re.compile(r"^\| `([^`\n]+)` \|", re.MULTILINE)

CALL = re.compile(r"\b\w*log\w*(?:\(\))?\s*(?:\.|->)\s*(?P<method>debug|info|warn|error|audit|write)\(")
# Functions of src/ that take the event as an argument, and the position of it. A call of a logger inside of them has no text.
FORWARDERS = {"tell_not_served": 1, "line_of": 2}
FORWARDED = re.compile(rf"\b(?P<method>{'|'.join(FORWARDERS)})\(")
LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*')


def without_comments(source: str) -> str:
    return COMMENT.sub(lambda found: found.group() if found.group().startswith('"') else " " * len(found.group()), source)


def arguments_of(source: str, at: int) -> list[str]:
    """The arguments of the call whose opening parenthesis is before `at`."""
    arguments, depth, begin = [], 0, at
    while at < len(source):
        literal = LITERAL.match(source, at)
        if literal:
            at = literal.end()
            continue
        c = source[at]
        if c in "([{":
            depth += 1
        elif depth == 0 and c in ",)":
            arguments.append(source[begin:at])
            begin = at + 1
            if c == ")":
                return arguments
        elif c in ")]}":
            depth -= 1
        at += 1
    return arguments


def texts_in(argument: str) -> list[str]:
    """Literals beside each other are one text; both branches of a condition are texts."""
    texts: list[str] = []
    end = None
    for found in LITERAL.finditer(argument):
        text = found[1].replace('\\"', '"')
        if end is not None and not argument[end:found.start()].strip():
            texts[-1] += text
        else:
            texts.append(text)
        end = found.end()
    return texts


def position_of(method: str, arguments: list[str]) -> int | None:
    """Which argument is the event; None: the call is no logger's."""
    if method in FORWARDERS:
        return FORWARDERS[method]
    if method != "write":
        return 0
    return 1 if arguments and "level" in arguments[0].lower() else None


def events_in(source: str) -> tuple[list[tuple[int, str]], list[int]]:
    """The events with their lines, and the lines of calls whose event cannot be read."""
    source = without_comments(source)
    has_forwarder = re.search(rf"^\S.*\b(?:{'|'.join(FORWARDERS)})\(", source, re.MULTILINE) is not None
    events, unread = [], []
    for found in [*CALL.finditer(source), *FORWARDED.finditer(source)]:
        line = source.count("\n", 0, found.start()) + 1
        arguments = arguments_of(source, found.end())
        position = position_of(found["method"], arguments)
        if position is None:
            continue
        texts = texts_in(arguments[position]) if position < len(arguments) else []
        events += [(line, text) for text in texts]
        if not texts and not has_forwarder:
            unread.append(line)
    return events, unread


def findings_in(root: Path) -> tuple[list[str], int]:
    page = (root / PAGE).read_text()
    begin = page.find(HEADING)
    if begin < 0:
        return [f"{PAGE}: the heading `{HEADING}` is missing"], 0
    section = re.split(r"^#{1,3} ", page[begin + len(HEADING):], maxsplit=1, flags=re.MULTILINE)[0]
    explained = ROW.findall(section)
    findings = [f"{PAGE}: `{event}` is explained twice" for event in sorted(set(explained)) if explained.count(event) > 1]
    logged: set[str] = set()
    for path in sorted([*(root / "src").rglob("*.cpp"), *(root / "src").rglob("*.hpp")]):
        name = path.relative_to(root)
        events, unread = events_in(path.read_text())
        logged.update(text for _, text in events)
        findings += [f"{name}:{line}: {PAGE} does not explain the log event `{text}`" for line, text in events if text not in explained]
        findings += [f"{name}:{line}: the event of this log line is no text, so that nobody can look it up" for line in unread]
    findings += [f"{PAGE}: src/ has no log event `{event}`" for event in explained if event not in logged]
    return findings, len(logged)


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    findings, events = findings_in(root)
    if findings:
        print("\n".join(findings))
        return 1
    print(f"log events: {events} events, no finding")
    return 0


if __name__ == "__main__":
    sys.exit(main())
