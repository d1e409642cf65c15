#!/usr/bin/env python3
"""Fails on a source file or a function that is too long to be read at once, and on a line of TypeScript that is too wide.

check_sizes.py [ROOT]   exit 0 and a count of what was read, or 1 and one line per finding.

The length of a function is the number of lines between its braces; in Python, from its first statement to its last. What a function contains (a
lambda, a local class) counts as part of it; a table (`= {…}`, `return {…}`) counts as one line. `describe` of a TypeScript test is no function: each
test in it is one. A line of TypeScript or JavaScript has at most 120 columns: what Biome cannot break (texts, comments) is broken by hand. Of C++ clang-format
holds that.
"""
import ast
import os
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 60
MOST_COLUMNS_OF_A_SCRIPT = 120
FOLDERS = ("src", "tests", "bench", "fuzz", "tools", "script", "examples", "clients", ".ci")
SKIPPED = {"node_modules", "__pycache__", "output", "corpus", "dist", "generated"}
C_LIKE = {".cpp", ".hpp", ".c"}
SCRIPTS = {".ts", ".mjs", ".js"}

# A ' between digits begins no literal.
C_LITERAL = re.compile(
    r'R"(?P<end>\w*)\(.*?\)(?P=end)"|"(?:\\.|[^"\\\n])*"|(?:(?<!\w)|(?<=\b[UuL]))\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/|^[ \t]*#(?:\\\n|[^\n])*',
    re.DOTALL | re.MULTILINE,
)
# A / begins a regular expression where no operand ends before it.
SCRIPT_LITERAL = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/'
    r"|(?<![\w)\]\s])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/",
    re.DOTALL,
)
C_SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)
C_FUNCTION_END = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|&|\s)*$")
SCRIPT_FUNCTION_END = re.compile(r"=>\s*$|\)\s*(?::[^;=]*)?$", re.DOTALL)
SCRIPT_CONTROL = re.compile(r"^(?:else\s+)?(?:if|for|while|switch|catch|with)\b")
SCRIPT_EXEMPT = re.compile(r"^describe(?:\.\w+)*\s*\(")


TABLE_BEGIN = re.compile(r"(?:=|\breturn)\s*$")


class Function(NamedTuple):
    line: int
    name: str
    length: int


def blanked(found: re.Match) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def end_of_template(text: str, at: int) -> int:
    """The offset behind the template literal of TypeScript that begins at `at`."""
    at += 1
    while at < len(text) and text[at] != "`":
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            depth, at = 1, at + 2
            while at < len(text) and depth:
                if text[at] == "`":
                    at = end_of_template(text, at)
                    continue
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
        else:
            at += 1
    return at + 1


def without_literals(text: str, suffix: str) -> str:
    """The code with the same lines and columns, with spaces for literals and comments."""
    if suffix in C_LIKE:
        return C_LITERAL.sub(blanked, text)
    code, at = [], 0
    while at < len(text):
        if text[at] == "`":
            end = end_of_template(text, at)
            code.append(re.sub(r"[^\n]", " ", text[at:end]))
        elif found := SCRIPT_LITERAL.match(text, at):
            end = found.end()
            code.append(blanked(found))
        else:
            end = at + 1
            code.append(text[at])
        at = end
    return "".join(code)


def is_c_scope(head: str) -> bool:
    return bool(C_SCOPE.match(head)) and not C_FUNCTION_END.search(head)


def is_c_function(head: str) -> bool:
    return ")" in head and head.count("(") == head.count(")") and head[-1] not in "=,("


def is_script_function(head: str) -> bool:
    return bool(SCRIPT_FUNCTION_END.search(head)) and not SCRIPT_CONTROL.match(head) and not SCRIPT_EXEMPT.match(head)


class Braces:
    """Follows the braces of C++ or TypeScript, and knows in which function and which table of it they are."""

    def __init__(self, text: str, suffix: str):
        self.text, self.code = text, without_literals(text, suffix)
        self.is_c = suffix in C_LIKE
        self.head_at, self.depth = 0, 0
        self.name = ""
        self.outer: tuple[int, int] | None = None  # line and depth of the brace that opens the function, or a value at the level of a namespace
        self.table: tuple[int, int] | None = None
        self.tables = 0  # lines of the tables of this function

    def open(self, at: int, line: int) -> None:
        head = self.code[self.head_at:at].strip()
        self.depth += 1
        if self.outer:
            if not self.table and TABLE_BEGIN.search(head):
                self.table = (line, self.depth)
        elif self.is_c:
            # `, b_{c}` and the body after it belong to the constructor whose first member was initialised with braces.
            goes_on = bool(self.name) and (not head or head.startswith(","))
            if not goes_on:
                self.name = self.shown(at) if is_c_function(head) else ""
            if head and not is_c_scope(head) or goes_on:
                self.outer = (line, self.depth)
        elif is_script_function(head):
            self.name, self.outer = self.shown(at), (line, self.depth)
        self.head_at = at + 1

    def close(self, at: int, line: int) -> Function | None:
        found = None
        if self.table and self.table[1] == self.depth:
            self.tables += line - self.table[0]
            self.table = None
        if self.outer and self.outer[1] == self.depth:
            if self.name:
                found = Function(self.outer[0], self.name, max(0, line - self.outer[0] - 1 - self.tables))
            self.outer, self.tables = None, 0
        self.depth -= 1
        self.head_at = at + 1
        return found

    def end_statement(self, at: int) -> None:
        self.head_at = at + 1
        if not self.outer:
            self.name = ""

    def shown(self, at: int) -> str:
        code = self.code[self.head_at:at]
        return " ".join(self.text[self.head_at + len(code) - len(code.lstrip()):at].split())


def functions_of(text: str, suffix: str) -> Iterator[Function]:
    """The functions of C++ or TypeScript that no other function contains."""
    braces, line = Braces(text, suffix), 1
    for at, letter in enumerate(braces.code):
        if letter == "\n":
            line += 1
        elif letter == "{":
            braces.open(at, line)
        elif letter == "}":
            if function := braces.close(at, line):
                yield function
        elif letter == ";":
            braces.end_statement(at)
    if braces.depth:
        raise ValueError(f"{braces.depth} more braces are opened than closed")


def functions_of_python(text: str) -> Iterator[Function]:
    def inside(node: ast.AST) -> Iterator[Function]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield Function(child.lineno, child.name, (child.end_lineno or 0) - child.body[0].lineno + 1)
            else:
                yield from inside(child)

    return inside(ast.parse(text))


def is_shell(path: Path) -> bool:
    if path.suffix:
        return path.suffix == ".sh"
    with path.open("rb") as file:
        return bool(re.match(rb"#!.*\b(?:ba)?sh\b", file.readline()))


def files_of(root: Path) -> list[Path]:
    found = []
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name not in SKIPPED]
            found += [Path(place) / name for name in names]
    wanted = C_LIKE | SCRIPTS | {".py"}
    return sorted(path for path in found if path.suffix in wanted or is_shell(path))


def findings_in(path: Path, where: str) -> tuple[int, list[str]]:
    text = path.read_text(encoding="utf-8")
    count, findings = 0, []
    lines = text.count("\n")
    if lines > MOST_LINES_OF_A_FILE:
        findings.append(f"{where}:1: {path.name}: {lines} lines, at most {MOST_LINES_OF_A_FILE}: find the second concept and give it a file of its own")
    if path.suffix in SCRIPTS:
        findings += [f"{where}:{number}: {len(line)} columns, at most {MOST_COLUMNS_OF_A_SCRIPT}"
                     for number, line in enumerate(text.split("\n"), 1) if len(line) > MOST_COLUMNS_OF_A_SCRIPT]
    if path.suffix in C_LIKE | SCRIPTS:
        functions = functions_of(text, path.suffix)
    elif path.suffix == ".py":
        functions = functions_of_python(text)
    else:
        functions = iter(())
    for function in functions:
        count += 1
        if function.length > MOST_LINES_OF_A_FUNCTION:
            findings.append(f"{where}:{function.line}: {function.name[:100]}: {function.length} lines, at most {MOST_LINES_OF_A_FUNCTION}: "
                            "name a part of it and make that a function of its own")
    return count, findings


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    files = files_of(root)
    count, findings = 0, []
    for path in files:
        where = str(path.relative_to(root))
        try:
            functions, found = findings_in(path, where)
        except (ValueError, SyntaxError) as problem:
            functions, found = 0, [f"{where}:1: cannot be measured: {problem}"]
        count += functions
        findings += found
    print("\n".join(findings) if findings else f"sizes: {len(files)} files, {count} functions, no finding")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
