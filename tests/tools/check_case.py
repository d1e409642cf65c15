"""What the tests of the checks in tools/ have in common: a tree of a few files, and what a check says about it."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).parents[2] / "tools"


class CheckCase(unittest.TestCase):
    check = ""  # the program in tools/
    name = "src/room/name.hpp"  # the file that holds the text, unless a test names another
    tree: dict[str, str] = {}  # the files beside it

    def run_check(self, text: str, name: str | None = None) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as root:
            for path, content in {**self.tree, name or self.name: text}.items():
                (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(root) / path).write_text(content)
            return subprocess.run([sys.executable, "-B", TOOLS / self.check, root], capture_output=True, text=True, check=False)

    def refuses(self, text: str, name: str | None = None) -> str:
        found = self.run_check(text, name)
        self.assertEqual(found.returncode, 1, text)
        self.assertIn(f"{name or self.name}:", found.stdout)
        return found.stdout

    def takes(self, text: str, name: str | None = None) -> None:
        found = self.run_check(text, name)
        self.assertEqual(found.returncode, 0, found.stdout)
