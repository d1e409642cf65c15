#!/usr/bin/env python3
"""Holds clang-tidy against every .cpp of src/, several files at a time.

lint.py BUILD OPTION…   BUILD: a configured tree with compile_commands.json and its precompiled header; OPTION: for clang-tidy

Half of what clang-tidy takes for a file goes into the precompiled header, which it reads and checks anew each time. So files of one module are included
into one source and checked together. Where that finds anything, or two of them do not go together (they have the same name for something of their own),
each of them is checked alone, and what that says counts. For checks that look into included files as into any other: not the static analyzer,
not misc-unused-using-decls.
"""
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOGETHER = 8


def batches(build: Path) -> dict[Path, list[str]]:
    """Writes build/batches/: the sources that include others, and their compile_commands.json."""
    modules: dict[tuple[str, str], list[dict]] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["file"])
        if path.is_relative_to(ROOT / "src"):
            # The same module and the same flags: all words of the command but the names of the source and of its object.
            flags = [word for word in shlex.split(entry["command"]) if word != entry["file"] and not word.endswith(".o")]
            modules.setdefault((path.relative_to(ROOT / "src").parts[0], shlex.join(flags)), []).append(entry)
    folder = build / "batches"
    folder.mkdir(exist_ok=True)
    made: dict[Path, list[str]] = {}
    commands = []
    for (module, _), entries in sorted(modules.items()):
        files = sorted(entry["file"] for entry in entries)
        count = -(-len(files) // TOGETHER)
        for number in range(count):
            source, part = folder / f"{module}_{len(made)}.cpp", files[number::count]  # neighbours are alike: apart
            lines = [f'// NOLINTNEXTLINE(bugprone-suspicious-include)\n#include "{file}"\n' for file in part]
            source.write_text("".join(lines))
            made[source] = part
            words = [str(source) if word == entries[0]["file"] else word for word in shlex.split(entries[0]["command"])]
            commands.append({"directory": entries[0]["directory"], "file": str(source), "command": shlex.join(words)})
    (folder / "compile_commands.json").write_text(json.dumps(commands))
    return made


def tidy(build: Path, options: list[str], files: list[str]) -> tuple[bool, str]:
    done = subprocess.run(["clang-tidy-16", "-p", str(build), "--quiet", *options, *files], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return done.returncode == 0, done.stdout


def main() -> int:
    build, options = Path(sys.argv[1]).resolve(), sys.argv[2:]
    made = batches(build)

    def lint(source: Path) -> tuple[bool, bool, str]:
        clean, said = tidy(build / "batches", options, [str(source)])
        return (True, True, "") if clean else (False, *tidy(build, options, made[source]))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lint, made))
    print("".join(said for _, _, said in results), end="")
    print(f"check: {sum(map(len, made.values()))} files linted, {sum(len(files) for files, one in zip(made.values(), results) if not one[0])} of them alone")
    return 0 if all(clean for _, clean, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
