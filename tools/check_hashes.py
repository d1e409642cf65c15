#!/usr/bin/env python3
"""Fails on a hash table of src/ that anybody who chooses its keys could make slow: tables are nx::KeyedMap and nx::KeyedSet
(src/model/keyed_hash.hpp), or have keys that are numbers, enumerations or pointers of ours and say so in NUMBERS.

check_hashes.py [ROOT]   exit 0 and a count of the files read, or 1 and one line per finding.
"""
import re
import sys
from pathlib import Path

ALLOWED = "src/model/keyed_hash.hpp"
NUMBERS = r"(?:const\s+)?(?:std::)?(?:u?int(?:8|16|32|64)?_t|size_t|int|unsigned|long|char)\b"
TABLE = re.compile(r"\b(unordered_(?:flat_|node_)?(?:multi)?(?:map|set)|concurrent_flat_(?:map|set)|hash_map|hash_set)\s*<\s*([^<>,]+)")


def findings_in(root: Path) -> tuple[int, list[str]]:
    files, findings = 0, []
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        files += 1
        where = path.relative_to(root)
        if str(where) == ALLOWED:
            continue
        text = re.sub(r"//[^\n]*", "", path.read_text())
        for table in TABLE.finditer(text):
            if re.fullmatch(NUMBERS, table.group(2).strip()):
                continue
            line = text.count("\n", 0, table.start()) + 1
            findings.append(f"{where}:{line}: {table.group(1)} of {table.group(2).strip()}: "
                            "use KeyedMap or KeyedSet of model/keyed_hash.hpp, or an ordered container")
    return files, findings


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    files, findings = findings_in(root)
    print("\n".join(findings) if findings else f"hashes: {files} files, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
