"""tools/check_sizes.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase

LONG = "  step();\n" * 61
SHORT = "  step();\n" * 60
TABLE = '    {"{", 1},\n' * 100


class CheckSizes(CheckCase):
    check = "check_sizes.py"
    name = "src/room/name.cpp"

    def test_refuses_files_over_300_lines(self):
        for name in ("src/a.cpp", "tests/unit/a.hpp", "bench/a.ts", "src/dev/page/a.mjs", "tools/a.py", "fuzz/a.cpp", "script/a.sh"):
            self.assertIn(":1: a.", self.refuses("\n" * 301, name))
            self.assertIn("301 lines, at most 300: find the second concept", self.refuses("\n" * 301, name))
            self.takes("\n" * 300, name)
        self.refuses("#!/usr/bin/env bash\n" + "\n" * 300, "script/run")

    def test_reads_no_other_files(self):
        for name in ("src/a.json", "contracts/types.ts", "tests/system/node_modules/a.ts", "tests/output/a.py", "fuzz/corpus/a.cpp", "script/data"):
            self.takes("\n" * 301, name)

    def test_refuses_functions_over_60_lines(self):
        for head in (
            "void f(int a)",
            "TEST_F(Suite, Story)",
            "auto Room::join(const User& user) const -> Result<int>",
            "Room::Room(int a) : Base(a), b_{a}, c_(a)",
            "Room::Room(int a) : b_{a}",
            "struct stat f(int a)",
            "template <class T>\nvoid f(T a) noexcept",
            "bool operator==(const Room& a, const Room& b)",
        ):
            self.assertIn("61 lines, at most 60", self.refuses(f"namespace nx {{\n{head} {{\n{LONG}}}\n}}\n"))
            self.takes(f"namespace nx {{\n{head} {{\n{SHORT}}}\n}}\n")

    def test_says_where_it_is_and_what_to_do(self):
        said = self.refuses("// A comment {\n\nclass Room {\n  // Why.\n  int join(\n      int a) {\n" + LONG + "  }\n};\n")
        self.assertIn("name.cpp:6: int join( int a): 61 lines, at most 60: name a part of it", said)

    def test_counts_a_lambda_as_part_of_its_function(self):
        self.refuses("void f() {\n  const auto g = [] {\n" + LONG + "  };\n}\n")

    def test_counts_a_table_as_one_line(self):
        self.takes("int f() {\n  static const Table table = {\n" + TABLE + "  };\n  return 1;\n}\n")
        self.takes("Table f() {\n  return {\n" + TABLE + "  };\n}\n")
        self.refuses("Table f() {\n" + LONG + "  return {\n" + TABLE + "  };\n}\n")

    def test_takes_what_is_no_function(self):
        for head in ("class Room final : public Base<int()>", "struct alignas(64) Room", "enum class Kind", "namespace nx::room", 'extern "C"'):
            self.takes(f"{head} {{\n{LONG}}};\n")
        self.takes("const Table kTable{\n" + TABLE + "};\n")
        self.takes("INSTANTIATE_TEST_SUITE_P(All, Suite, testing::Values(Case{\n" + LONG + "}));\n")

    def test_passes_over_literals_comments_and_the_preprocessor(self):
        for line in ('"{"', "'{'", "U'{'", 'R"re({")re"', "// {", "/* { */", "1'000", "\"\\\"{\""):
            self.takes(f"void f() {{\n  step({line}\n  );\n}}\nvoid g() {{\n{SHORT}}}\n" if line != "// {" else f"{line}\nvoid g() {{\n{SHORT}}}\n")
        self.takes("#define BEGIN {\nvoid g() {\n" + SHORT + "}\n")

    def test_refuses_braces_that_do_not_close(self):
        self.assertIn("cannot be measured", self.refuses("void f() {\n"))

    def test_measures_typescript(self):
        for head, end in (
            ('test("a story {", async () => {', "});"),
            ('describe("stories", () => {\ntest("a story", () => {', "}); });"),
            ("function f(a: string): Promise<void> {", "}"),
            ("class A {\n  async join(a = `${b({})}`) {", "}}"),
        ):
            self.assertIn("61 lines, at most 60", self.refuses(f"{head}\n{LONG}{end}\n", "tests/system/a.test.ts"))
            self.takes(f"{head}\n{SHORT}{end}\n", "tests/system/a.test.ts")
        self.takes('describe("stories", () => {\n' + LONG + "});\n", "tests/system/a.test.ts")
        self.takes('const text = /[{"`]/.exec("a") ?? `{ ${"}"} {`;\nif (a) {\n' + LONG + "}\n", "tests/system/a.test.ts")

    def test_refuses_a_wide_line_of_typescript(self):
        text = "// " + "é" * 118 + "\n"
        self.assertIn("a.test.ts:2: 121 columns, at most 120", self.refuses("\n" + text, "tests/system/a.test.ts"))
        self.takes(text.replace("é", "", 1), "tests/system/a.test.ts")
        self.takes("// " + "e" * 200 + "\n", "tests/unit/a_test.cpp")

    def test_measures_python(self):
        body = "    step()\n"
        self.assertIn("a.py:2: f: 61 lines", self.refuses("\ndef f(\n    a):\n" + body * 61, "tools/a.py"))
        self.takes("def f(\n    a):\n" + body * 60, "tools/a.py")
        self.refuses("def f(:\n", "tools/a.py")


if __name__ == "__main__":
    unittest.main()
