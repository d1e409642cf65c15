#!/usr/bin/env python3
"""Fails on a word of a comment, of a text that the program shows, or of a markdown page that neither the British dictionary of hunspell nor tools/words.txt has.

check_spelling.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

Names of code are passed over: what stands between backquotes or in a code block, and what has a digit, an underscore, a dot or a capital in it. The
dictionary takes both endings, the tree has `-ise`.
"""
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator

from check_sizes import C_LIKE, SCRIPTS, files_of, is_shell
from check_words import comments_of

WORDS = "tools/words.txt"
PAGES = ("*.md", "docs/**/*.md", "tests/**/README.md", "examples/**/*.md", "clients/**/*.md", "contracts/*.md")
MARKDOWN_CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|^(?: {4,}|\t)[^\n]*$|`[^`\n]*`|\]\([^)\s]*\)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`|\"[^\"\n]*\"|\{[^{}\n]*\}|<[^<>\n]*>|\b\w+://\S+|\S*[\\/@=$%&*+^|<>\[\]]\S*|\S+\([^()\s]*\)|\.?\w+(?:[._:]+\w+)+|--?\w[\w-]*")
WORD = re.compile(r"(?<![\w'’-])([A-Za-z][a-z]+(?:['’][a-z]+)?)(?![\w])|(?<=-)([a-z]+)(?![\w])")
# A text for people: words with spaces between them, and none of SQL, of a regular expression, or of a protocol.
TEXT = re.compile(r'(?<![\w)])"((?:\\.|[^"\\\n])*)"')
PLACEHOLDER = re.compile(r"\{\w*(?::[^{}]*)?\}")  # of a format string
IS_PROSE = re.compile(r"^[^{}<>=\[\]$]*[a-z]{2,},? [a-z]{2,}[^{}<>=\[\]$]*$")
SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|WHERE|FROM|AND|ORDER|VALUES|SET|DROP|JOIN|NULL|BEGIN|GRANT|ON|AS)\b|HTTP/1")
HASH_COMMENT = re.compile(r"(?:^|(?<=\s))#[ \t]+([^\n]*)", re.MULTILINE)
SCRIPT_COMMENT = re.compile(r"(?:^|(?<=\s))//[ \t]*([^\n]*)|/\*+(.*?)\*/", re.DOTALL)
AMERICAN = re.compile(r"(?!\w*(?:siz|priz|seiz))\w+[iy]z(?:e|es|ed|er|ers|ing|ation|ations)")


def prose_of(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each piece of prose."""
    def line_at(offset: int) -> int:
        return text.count("\n", 0, offset) + 1

    if path.suffix == ".md":
        yield 1, MARKDOWN_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    elif path.suffix in C_LIKE:
        for comment in comments_of(text):
            yield comment.line, comment.text()
        if "src" in path.parts:
            for found in TEXT.finditer(text):
                shown = PLACEHOLDER.sub("", found.group(1))
                if IS_PROSE.match(shown) and not SQL.search(shown):
                    yield line_at(found.start()), re.sub(r"\\.", " ", shown)
    else:
        for found in (SCRIPT_COMMENT if path.suffix in SCRIPTS else HASH_COMMENT).finditer(text):
            yield line_at(found.start()), found.group(found.lastindex or 1)


def words_of(prose: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each word."""
    plain = CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), prose)
    for found in WORD.finditer(plain):
        yield found.start(), found.group().replace("’", "'").removesuffix("'s")


def unknown_of(words: set[str], own: set[str]) -> set[str]:
    answer = subprocess.run(["hunspell", "-l", "-d", "en_GB", "-i", "utf-8"], input="\n".join(sorted(words)), capture_output=True, text=True, check=True)
    american = {word for word in words if AMERICAN.fullmatch(word.lower())}
    return {word for word in american | set(answer.stdout.split()) if word.lower() not in own}


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    own = {line.strip() for line in (root / WORDS).read_text().splitlines()}
    pages = {path for pattern in PAGES for path in root.glob(pattern) if "node_modules" not in path.parts}
    files = sorted(pages | {path for path in files_of(root) if path.suffix or is_shell(path)})
    places: dict[str, list[str]] = {}
    for path in files:
        for line, prose in prose_of(path.relative_to(root), path.read_text(encoding="utf-8")):
            for offset, word in words_of(prose):
                places.setdefault(word, []).append(f"{path.relative_to(root)}:{line + prose.count(chr(10), 0, offset)}")
    findings = sorted(f"{place}: {word}: no word of the British dictionary; a name of code stands between backquotes, a word of this trade in {WORDS}"
                      for word in unknown_of(set(places), own) for place in places[word])
    print("\n".join(findings) if findings else f"spelling: {len(files)} files, {len(places)} words, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
