#!/usr/bin/env python3
"""Fails on an include that src/CMakeLists.txt does not allow, on a cycle of modules, and on a third-party header in two modules.

check_layers.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.
"""
import re
import sys
from pathlib import Path

# A third-party header belongs to the modules named here; other modules see our types.
THIRD_PARTY = {
    r"boost/json": set(),
    r"simdjson": {"json"},
    r"re2/": {"store"},
    r"sodium": {"model"},
    # Texts; not in the modules of libnxsignal-emitter.a, whose users would have to link it.
    r"fmt/": {"app", "auth", "bus", "client", "config", "contract", "dev", "ingest", "kafka", "replay", "resolve", "rest", "store", "transport"},
    r"boost/beast": {"transport", "client"},
    r"boost/asio": {"transport", "client"},
    r"sqlite3": {"store"},
    r"libpq": {"store"},
    r"librdkafka/": {"kafka", "ingest"},
    r"liburing": {"runtime"},
    r"curl/": {"http_client"},
    r"CLI/": {"app"},
    r"systemd/": {"app"},
    r"toml": {"config"},
    r"openssl/": {"crypto", "auth", "transport", "stream", "client", "dev"},
}

# Asks the libraries for their versions, and for nothing else.
SEES_ALL = "src/app/build_information.cpp"


def read_modules(cmake: str) -> dict[str, set[str]]:
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


def cycle(modules: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return []
        for dep in modules.get(module, ()):
            if loop := walk(dep, path + [module]):
                return loop
        done.add(module)
        return []

    for module in modules:
        if loop := walk(module, []):
            return loop
    return []


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    modules = read_modules((root / "src/CMakeLists.txt").read_text())
    findings, files, includes = [], 0, 0
    if not modules:
        findings.append("src/CMakeLists.txt: no signal_module found")
    if loop := cycle(modules):
        findings.append("src/CMakeLists.txt: cycle " + " -> ".join(loop))
    for module, deps in modules.items():
        for dep in deps - modules.keys():
            findings.append(f"src/CMakeLists.txt: {module} names an unknown module {dep}")
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        files += 1
        module = path.relative_to(root / "src").parts[0]
        where = path.relative_to(root)
        if module not in modules:
            findings.append(f"{where}: {module} is no module of src/CMakeLists.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            foreign = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if own:
                includes += 1
                target = own.group(1).split("/")[0]
                if not (root / "src" / own.group(1)).exists():
                    findings.append(f"{where}:{number}: {own.group(1)} is not a path below src/")
                elif target != module and target not in modules[module]:
                    findings.append(f"{where}:{number}: {module} may not include {target}")
            elif foreign:
                for pattern, owners in THIRD_PARTY.items():
                    if re.match(pattern, foreign.group(1)) and module not in owners and str(where) != SEES_ALL:
                        findings.append(f"{where}:{number}: <{foreign.group(1)}> belongs to {', '.join(sorted(owners))}")
    print("\n".join(findings) if findings else f"layers: {len(modules)} modules, {files} files, {includes} includes, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
