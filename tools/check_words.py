#!/usr/bin/env python3
"""Fails on an opening or a word in a comment of src/ that makes a reader read the sentence twice.

check_words.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

Comments are full sentences or noun phrases (CONTRIBUTING.md). Each rule names what to write instead.
"""
import re
import sys
from pathlib import Path

# At the beginning of a comment.
OPENINGS = {
    "Of": "name the noun: `// Bytes of the queued frames.`, not `// Of the queued frames.`",
    "What": "name the thing: `// The frames that are not sent yet.`, not `// What is not sent yet.`",
    "Who": "name the person or thing: `// The users that are connected here.`, not `// Who is here.`",
    "Whoever": "name the person or thing: `// The caller`, `// The owner`, `// A client that`",
    "That": "begin with the subject or the verb: `// Requires that …`, not `// That …`",
}
# Anywhere in a comment, in any letter case.
WORDS = {
    r"unhear\w*": "say what happens: to unsubscribe",
    r"bur(?:y|ies|ied|ying)": "no metaphor: to remove, to drop, to write to the DLQ",
    r"rosters?": "say list or set",
    r"can\s+not": "one word: cannot",
    r"(?<!there )(?:is|are) none": "say what it is not: `is not an integer`, not `an integer is none`",
}

OPENING = re.compile(rf"({'|'.join(OPENINGS)}) ")
WORD = re.compile("|".join(rf"(\b{word}\b)" for word in WORDS), re.IGNORECASE)
# Literals are passed over, since they may contain the beginning of a comment. A ' between digits begins none.
TOKEN = re.compile(
    r'R"(?P<end>\w*)\(.*?\)(?P=end)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<!\w)'(?:\\.|[^'\\\n])+'"
    r"|//[/!]?<?[ \t]*(?P<line>[^\n]*)"
    r"|/\*+\s*(?P<block>.*?)\*/",
    re.DOTALL,
)


class Comment:
    """The text of one comment; consecutive lines that contain only comments are one."""

    def __init__(self, line: int, text: str):
        self.line, self.lines = line, [text]

    def line_at(self, offset: int) -> int:
        return self.line + self.text().count("\n", 0, offset)

    def text(self) -> str:
        return "\n".join(self.lines)


def comments_of(source: str) -> list[Comment]:
    comments: list[Comment] = []
    next_line = 0
    for found in TOKEN.finditer(source):
        text = found.group("line") if found.group("line") is not None else found.group("block")
        if text is None:
            continue
        line = source.count("\n", 0, found.start()) + 1
        is_alone = not source[source.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        if is_alone and line == next_line:
            comments[-1].lines.append(text)
        else:
            comments.append(Comment(line, text))
        next_line = line + 1 + text.count("\n")
    return comments


def findings_in(comment: Comment) -> list[tuple[int, str]]:
    findings: list[tuple[int, str]] = []
    text = comment.text()
    if opening := OPENING.match(text):
        findings.append((comment.line, f"a comment begins with `{opening.group(1)}`: {OPENINGS[opening.group(1)]}"))
    # Words of a rule may be on two lines.
    for word in WORD.finditer(text.replace("\n", " ")):
        reason = list(WORDS.values())[(word.lastindex or 1) - 1]
        findings.append((comment.line_at(word.start()), f"`{word.group()}`: {reason}"))
    return findings


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    files = sorted(path for suffix in ("hpp", "cpp") for path in (root / "src").rglob(f"*.{suffix}"))
    count, findings = 0, []
    for path in files:
        for comment in comments_of(path.read_text(encoding="utf-8")):
            count += 1
            findings += [f"{path.relative_to(root)}:{line}: {problem}" for line, problem in findings_in(comment)]
    print("\n".join(findings) if findings else f"words: {count} comments of {len(files)} files, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
