#!/usr/bin/env python3
"""Fails on a suite of tests that is not named as its file: whoever reads of a failure shall know which file to open.

check_suites.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

Names begin as their file's does, without `_test` and `.test`. In C++ those are the suites of TEST, TEST_F, TEST_P and their typed forms, in capitalised words:
`HttpParser…` in http_parser_test.cpp. In TypeScript it is the title of `describe`, in words: "stream tokens …" in stream_tokens.test.ts; where a file has no
`describe`, the runner names its suite as the file.
"""
import re
import sys
from pathlib import Path

CPP_SUITE = re.compile(r"^[ \t]*(?:TYPED_)?TEST(?:_[FP])?\(\s*(\w+)\s*,", re.M)
SCRIPT_SUITE = re.compile(r"^[ \t]*describe(?:\.\w+(?:\([^`\"']*?\))?)*(?:\([^()]*\))?\(\s*([`\"'])(.*?)\1", re.M)
SKIPPED = {"node_modules", "output"}


def stem_of(path: Path) -> str:
    return re.sub(r"(?:_test\.cpp|\.test\.(?:ts|mjs))$", "", path.name)


def findings_in(path: Path, where: str) -> tuple[int, list[str]]:
    text = path.read_text(encoding="utf-8")
    stem = stem_of(path)
    if path.suffix == ".cpp":
        wanted = "".join(word[:1].upper() + word[1:] for word in stem.split("_"))
        suites = [(found.group(1), found.start(1)) for found in CPP_SUITE.finditer(text)]
    else:
        wanted = stem.replace("_", " ")
        suites = [(found.group(2), found.start(2)) for found in SCRIPT_SUITE.finditer(text)]
        if len(suites) != len(re.findall(r"^[ \t]*describe\b", text, re.M)):
            return len(suites), [f"{where}:1: a `describe` whose title cannot be read: write it as a literal behind the bracket"]
    findings = {name: text.count("\n", 0, at) + 1 for name, at in reversed(suites) if not name.startswith(wanted)}
    return len(suites), [f"{where}:{line}: the suite {name} is not named as its file: begin it with {wanted}" for name, line in findings.items()]


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    files = sorted(path for pattern in ("*_test.cpp", "*.test.ts", "*.test.mjs") for path in (root / "tests").rglob(pattern) if not SKIPPED & set(path.parts))
    count, findings = 0, []
    for path in files:
        suites, found = findings_in(path, str(path.relative_to(root)))
        count += suites
        findings += found
    print("\n".join(findings) if findings else f"suites: {len(files)} files, {count} tests of C++ and suites of TypeScript, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
