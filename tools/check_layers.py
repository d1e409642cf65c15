#!/usr/bin/env python3
"""Fails on an include that points against the arrows of src/CMakeLists.txt, on a cycle of rooms, and on a third-party header in two rooms.

check_layers.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.
"""
import re
import sys
from pathlib import Path

# A third-party header belongs to the rooms named here; other rooms see our types.
THIRD_PARTY = {
    r"boost/json": set(),
    r"simdjson": {"json"},
    r"re2/": {"store"},
    r"sodium": {"model"},
    r"boost/beast": {"transport"},
    r"sqlite3": {"store"},
    r"libpq": {"store"},
    r"librdkafka/": {"kafka", "ingest"},
    r"liburing": {"runtime"},
    r"curl/": {"auth", "client"},
    r"CLI/": {"app"},
    r"toml": {"config"},
    r"openssl/": {"crypto", "auth", "transport", "stream", "client", "dev"},
}


def modules(cmake: str) -> dict[str, set[str]]:
    found = {}
    for body in re.findall(r"signal_module\(([^)]*)\)", cmake):
        words = body.split()
        deps, taking = set(), False
        for word in words[1:]:
            if word in ("DEPS", "LIBS"):
                taking = word == "DEPS"
            elif taking:
                deps.add(word)
        found[words[0]] = deps
    return found


def cycle(rooms: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def walk(room: str, path: list[str]) -> list[str]:
        if room in path:
            return path[path.index(room):] + [room]
        if room in done:
            return []
        for dep in rooms.get(room, ()):
            if loop := walk(dep, path + [room]):
                return loop
        done.add(room)
        return []

    for room in rooms:
        if loop := walk(room, []):
            return loop
    return []


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    rooms = modules((root / "src/CMakeLists.txt").read_text())
    findings, files, includes = [], 0, 0
    if not rooms:
        findings.append("src/CMakeLists.txt: no signal_module found")
    if loop := cycle(rooms):
        findings.append("src/CMakeLists.txt: cycle " + " -> ".join(loop))
    for room, deps in rooms.items():
        for dep in deps - rooms.keys():
            findings.append(f"src/CMakeLists.txt: {room} names an unknown room {dep}")
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        files += 1
        room = path.relative_to(root / "src").parts[0]
        where = path.relative_to(root)
        if room not in rooms:
            findings.append(f"{where}: {room} is no room of src/CMakeLists.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            foreign = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if own:
                includes += 1
                target = own.group(1).split("/")[0]
                if not (root / "src" / own.group(1)).exists():
                    findings.append(f"{where}:{number}: {own.group(1)} is not a path below src/")
                elif target != room and target not in rooms[room]:
                    findings.append(f"{where}:{number}: {room} may not include {target}")
            elif foreign:
                for pattern, owners in THIRD_PARTY.items():
                    if re.match(pattern, foreign.group(1)) and room not in owners:
                        findings.append(f"{where}:{number}: <{foreign.group(1)}> belongs to {', '.join(sorted(owners))}")
    print("\n".join(findings) if findings else f"layers: {len(rooms)} rooms, {files} files, {includes} includes, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
