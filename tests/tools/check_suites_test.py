"""tools/check_suites.py finds what it is for, and only that."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "tools/check_suites.py"


def check(text: str, name: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / "tests" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)


class CheckSuites(unittest.TestCase):
    def refuses(self, text: str, name: str) -> str:
        found = check(text, name)
        self.assertEqual(found.returncode, 1, text)
        self.assertIn(f"tests/{name}:", found.stdout)
        return found.stdout

    def takes(self, text: str, name: str) -> None:
        found = check(text, name)
        self.assertEqual(found.returncode, 0, found.stdout)

    def test_refuses_a_suite_of_another_name(self):
        for macro in ("TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"):
            found = self.refuses(f"\n{macro}(Parser, Reads) {{}}\n", "unit/transport/http_parser_test.cpp")
            self.assertIn("http_parser_test.cpp:2: the suite Parser is not named as its file: begin it with HttpParser", found)

    def test_takes_names_that_begin_as_their_file_does(self):
        for suite in ("HttpParser", "HttpParserTest", "HttpParserLimits"):
            self.takes(f"TEST({suite}, Reads) {{}}\n", "unit/transport/http_parser_test.cpp")

    def test_reads_every_suite_of_a_file(self):
        text = "TEST(Cidr, Reads) {}\nTEST(Address, Reads) {}\nTEST(Address, Writes) {}\nTEST_F(\n    Client, Reads) {}\n"
        found = self.refuses(text, "unit/transport/cidr_test.cpp")
        self.assertIn(":2: the suite Address", found)
        self.assertIn(":5: the suite Client", found)
        self.assertEqual(len(found.splitlines()), 2)

    def test_reads_the_titles_of_describe(self):
        for head in ('describe("', 'describe.each(["ws", "wss"])("', 'describe.each([\n  ["a", 1],\n])(\n  "'):
            found = self.refuses(f'{head}rooms", () => {{}});\n', "system/stream_rooms.test.ts")
            self.assertIn("the suite rooms is not named as its file: begin it with stream rooms", found)
            self.takes(f'{head}stream rooms over %s", () => {{}});\n', "system/stream_rooms.test.ts")
        self.refuses('  describe("rooms", () => {});\n', "system/stream_rooms.test.mjs")
        self.takes('test("rooms", () => {});\n', "system/stream_rooms.test.ts")

    def test_refuses_a_title_that_it_cannot_read(self):
        self.assertIn("cannot be read", self.refuses("describe(title, () => {});\n", "system/stream_rooms.test.ts"))

    def test_reads_no_other_files(self):
        for name in ("unit/parser.cpp", "system/node_modules/a.test.ts", "system/support/scene.ts"):
            self.takes('TEST(A, B) {}\ndescribe("b", () => {});\n', name)


if __name__ == "__main__":
    unittest.main()
