"""tools/check_suites.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase


class CheckSuites(CheckCase):
    check = "check_suites.py"

    def test_refuses_a_suite_of_another_name(self):
        for macro in ("TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"):
            found = self.refuses(f"\n{macro}(Parser, Reads) {{}}\n", "tests/unit/transport/http_parser_test.cpp")
            self.assertIn("http_parser_test.cpp:2: the suite Parser is not named as its file: begin it with HttpParser", found)

    def test_takes_names_that_begin_as_their_file_does(self):
        for suite in ("HttpParser", "HttpParserTest", "HttpParserLimits"):
            self.takes(f"TEST({suite}, Reads) {{}}\n", "tests/unit/transport/http_parser_test.cpp")

    def test_reads_every_suite_of_a_file(self):
        text = "TEST(Cidr, Reads) {}\nTEST(Address, Reads) {}\nTEST(Address, Writes) {}\nTEST_F(\n    Client, Reads) {}\n"
        found = self.refuses(text, "tests/unit/transport/cidr_test.cpp")
        self.assertIn(":2: the suite Address", found)
        self.assertIn(":5: the suite Client", found)
        self.assertEqual(len(found.splitlines()), 2)

    def test_reads_the_titles_of_describe(self):
        for head in ('describe("', 'describe.each(["ws", "wss"])("', 'describe.each([\n  ["a", 1],\n])(\n  "'):
            found = self.refuses(f'{head}rooms", () => {{}});\n', "tests/system/stream_rooms.test.ts")
            self.assertIn("the suite rooms is not named as its file: begin it with stream rooms", found)
            self.takes(f'{head}stream rooms over %s", () => {{}});\n', "tests/system/stream_rooms.test.ts")
        self.refuses('  describe("rooms", () => {});\n', "tests/system/stream_rooms.test.mjs")
        self.takes('test("rooms", () => {});\n', "tests/system/stream_rooms.test.ts")

    def test_refuses_a_title_that_it_cannot_read(self):
        self.assertIn("cannot be read", self.refuses("describe(title, () => {});\n", "tests/system/stream_rooms.test.ts"))

    def test_reads_no_other_files(self):
        for name in ("tests/unit/parser.cpp", "tests/system/node_modules/a.test.ts", "tests/system/support/scene.ts"):
            self.takes('TEST(A, B) {}\ndescribe("b", () => {});\n', name)


if __name__ == "__main__":
    unittest.main()
