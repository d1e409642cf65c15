#!/usr/bin/env python3
"""Fails on a name in the lists of CONTRIBUTING.md#to-change-x-touch-these-files that leads nowhere: a file, folder or heading that does not exist, or an identifier that no file of its list has.

check_change_lists.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

A name without a folder is in the folder of the name before it, or in the root. Text in backticks that is no path must be in a file of its list. Commands (with a space) and routes are not looked up.
"""
import re
import sys
from pathlib import Path

from check_references import anchors_of

PAGE = "CONTRIBUTING.md"
HEADING = "## To change X, touch these files"
NAME = re.compile(r"`([^`\n]+)`")
SUFFIXES = {".cpp", ".hpp", ".md", ".ts", ".mjs", ".json", ".yml", ".py", ".txt"}


def is_path(name: str) -> bool:
    # A regular expression or a channel has other characters.
    return re.fullmatch(r"[\w./#-]+", name) is not None and (name.startswith("#") or "/" in name or Path(name).suffix in SUFFIXES)


class List:
    """The names of one list, in their order."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root
        self.page: Path | None = None  # the last page of docs/, to which a bare `#anchor` belongs
        self.texts: list[str] = []  # of the files so far
        self.words: list[tuple[int, str]] = []

    def read_path(self, name: str) -> str | None:
        """What is wrong with it."""
        path, mark, anchor = name.partition("#")
        if path:
            found = next((place for place in ([self.root / path] if "/" in path else [self.folder / path, self.root / path]) if place.exists()), None)
            if found is None:
                return "there is no such file or folder"
            if "/" in path:
                self.folder = found if found.is_dir() else found.parent
            if found.is_file():
                self.texts.append(found.read_text(encoding="utf-8"))
            self.page = found if found.suffix == ".md" else self.page
        if mark and (self.page is None or anchor not in anchors_of(self.page.read_text(encoding="utf-8"))):
            return "the page has no such heading"
        return None

    def lost_words(self) -> list[tuple[int, str]]:
        return [(line, word) for line, word in self.words if not any(word in text for text in self.texts)]


def findings_in(root: Path, page: str) -> tuple[int, list[str]]:
    count, findings = 0, []
    begin = page.find(HEADING)
    if begin < 0:
        return 0, [f"{PAGE}:1: there is no heading '{HEADING}'"]
    end = page.find("\n## ", begin)
    current = List(root)

    def close() -> None:
        findings.extend(f"{PAGE}:{line}: {word}: no file of this list has it" for line, word in current.lost_words())

    first = page.count("\n", 0, begin) + 1
    for number, line in enumerate(page[begin : end if end > 0 else len(page)].splitlines(), first):
        if line.startswith("### "):
            close()
            current = List(root)
        for name in NAME.findall(line):
            if " " in name or name.startswith("/"):
                continue
            count += 1
            if not is_path(name):
                current.words.append((number, name))
            elif problem := current.read_path(name):
                findings.append(f"{PAGE}:{number}: {name}: {problem}")
    close()
    return count, findings


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    count, findings = findings_in(root, (root / PAGE).read_text(encoding="utf-8"))
    print("\n".join(findings) if findings else f"change lists: {count} names, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
