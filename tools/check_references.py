#!/usr/bin/env python3
"""Fails on a citation of a docs page or heading that does not exist, on a link of a markdown page that leads nowhere, and on a
citation of a document that is not in this repository.

check_references.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

A heading is cited by its anchor as GitHub makes it: `docs/protocol.md#close-codes`.
"""
import os
import re
import sys
from pathlib import Path

FOLDERS = ("src", "tests", "bench", "fuzz", "script", "tools", "cmake", "contracts", "docs", "deploy", "examples", "clients", ".ci")
SKIPPED = {"node_modules", "__pycache__", "output", "dist", "generated"}
# They name what is refused, or a page of their own.
EXEMPT = {"tools/check_references.py", "tests/tools/check_references_test.py", "tests/tools/check_change_lists_test.py"}

# A citation may go on in the next line of a comment.
GAP = r"(?:\s|//+|#|\*)+"
NUMBER = r"T\d{1,2}|W \d+(?:\.\d+)*"
REFUSED = {
    rf"(?i:\bcontract(?:'s)?{GAP}§|\bthe{GAP}contract's{GAP}\")": "the contract is not in this repository",
    rf"(?i:\bwire(?:{GAP}|-)facts\b)": "the wire facts are not in this repository",
    rf"\bStyle{GAP}§": "the style page is not in this repository",
    r"\.\./shared\b|\bshared/spec\b": "this folder is not in this repository",
    rf"(?m:(?://|^\s*[#*]).*?[\s(]({NUMBER})(?![\w\"'.-]))": "a number of a document that is not in this repository",
    rf"\((?:[^()\n]*[\s,;])?({NUMBER})\)": "a number of a document that is not in this repository",
    rf"\bdocs/[\w/-]+\.md(?:,?{GAP}(?:§|\")|,{GAP}[A-Z])": "cite the anchor of the heading: docs/page.md#heading",
}

CITATION = re.compile(r"(?<![\w/.-])(docs/[\w/-]+\.md)(?:#([\w-]*))?")
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = r"^(```|~~~).*?^\1[^\n]*$"
FENCES = re.compile(FENCE, re.MULTILINE | re.DOTALL)
CODE = re.compile(FENCE + r"|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def blanked(text: str, pattern: re.Pattern) -> str:
    """What matches becomes spaces, so that the rest keeps its lines."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def anchor_of(heading: str) -> str:
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")


def anchors_of(page: str) -> set[str]:
    anchors: set[str] = set()
    for heading in HEADING.findall(blanked(page, FENCES)):
        plain = anchor_of(heading)
        anchor, repeated = plain, 0
        while anchor in anchors:
            repeated += 1
            anchor = f"{plain}-{repeated}"
        anchors.add(anchor)
    return anchors


def files_of(root: Path) -> list[Path]:
    found = [path for path in root.iterdir() if path.suffix in (".md", ".txt")]
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name not in SKIPPED]
            found += [Path(place) / name for name in names]
    return sorted(path for path in found if path.is_file() and str(path.relative_to(root)) not in EXEMPT)


class References:
    def __init__(self, root: Path):
        self.root = root
        self.files, self.citations = 0, 0
        self.findings: list[str] = []
        self.anchors: dict[Path, set[str]] = {}

    def has_anchor(self, page: Path, anchor: str) -> bool:
        if page not in self.anchors:
            self.anchors[page] = anchors_of(page.read_text(encoding="utf-8"))
        return anchor in self.anchors[page]

    def find(self, path: Path, text: str, offset: int, problem: str) -> None:
        self.findings.append(f"{path.relative_to(self.root)}:{text.count(chr(10), 0, offset) + 1}: {problem}")

    def hold(self, path: Path, text: str, offset: int, target: Path, anchor: str | None) -> None:
        self.citations += 1
        shown = target.name + (f"#{anchor}" if anchor is not None else "")
        if not target.exists():
            self.find(path, text, offset, f"{shown}: there is no such file")
        elif anchor is not None and target.suffix == ".md" and not self.has_anchor(target, anchor):
            self.find(path, text, offset, f"{shown}: the page has no such heading")

    def read(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return
        self.files += 1
        for pattern, problem in REFUSED.items():
            for found in re.finditer(pattern, text):
                cited = found.lastindex or 0
                self.find(path, text, found.start(cited), f"{' '.join(found.group(cited).split())}: {problem}")
        for found in CITATION.finditer(text):
            self.hold(path, text, found.start(), self.root / found.group(1), found.group(2))
        if path.suffix != ".md":
            return
        prose = blanked(text, CODE)
        for found in LINK.finditer(prose):
            page, mark, anchor = found.group(1).partition("#")
            if re.match(r"[a-z]+:", page):
                continue
            target = (path.parent / page).resolve() if page else path
            self.hold(path, prose, found.start(), target, anchor if mark else None)


def main() -> int:
    references = References(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    for path in files_of(references.root):
        references.read(path)
    count = f"{references.files} files, {references.citations} citations and links"
    print("\n".join(dict.fromkeys(references.findings)) if references.findings else f"references: {count}, no finding")
    return 1 if references.findings else 0


if __name__ == "__main__":
    sys.exit(main())
