#!/usr/bin/env python3
"""Writes a C++ source whose function returns the text of a file, so that the binary needs no file beside it.

embed.py OUT HEADER NAMESPACE FUNCTION=FILE…   FUNCTION is declared in HEADER as `std::string_view FUNCTION();`
"""
import sys
from pathlib import Path

PIECE = 16_000  # characters of one string literal; -Woverlength-strings holds each to 65,536 bytes


def definition(function: str, file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    pieces = [text[at:at + PIECE] for at in range(0, len(text), PIECE)]
    literals = ",\n".join(f'R"embedded({piece})embedded"' for piece in pieces)
    return f"""std::string_view {function}() {{
  static const std::string kText = [] {{
    static constexpr std::string_view kPieces[] = {{{literals}}};
    std::string text;
    for (const std::string_view piece : kPieces) text += piece;
    return text;
  }}();
  return kText;
}}
"""


def main(out: str, header: str, namespace: str, *files: str) -> None:
    body = "\n".join(definition(function, Path(file)) for function, _, file in (one.partition("=") for one in files))
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(f'#include "{header}"\n\n#include <string>\n\nnamespace {namespace} {{\n\n{body}\n}}  // namespace {namespace}\n', encoding="utf-8")


main(*sys.argv[1:])
