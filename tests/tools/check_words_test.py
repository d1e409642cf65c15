"""tools/check_words.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase


class CheckWords(CheckCase):
    check = "check_words.py"

    def test_refuses_openings(self):
        for opening in ("Of", "What", "Who", "Whoever", "That"):
            for mark in ("//", "///", "///<", "/*"):
                self.assertIn(f"begins with `{opening}`", self.refuses(f"{mark} {opening} these. */\n"))
        self.refuses("int count = 0;  // What is left.\n", "src/room/name.cpp")
        self.refuses("int a;  // a number\nint b;  // Of these.\n")

    def test_takes_the_same_words_elsewhere(self):
        for text in (
            "// The bytes\n// Of the queue.\n",
            "// Offsets. Whatever, Thatcher, Whose.\n",
            "int a;  // of these\n",
            'auto text = "// Of these";\n',
            'auto text = R"re(\n// Of these)re";\n',
            "constexpr int kMany = 1'000'000; auto quote = '\"';  // a \" quote\n",
            "#include <Of>\n",
        ):
            self.takes(text)

    def test_refuses_words(self):
        for word in ("unhear", "Unheard", "bury", "buried", "roster", "An integer is none", "are none"):
            self.refuses(f"// The sentence has {word} in it.\n")
        self.assertIn("name.hpp:3: `is none`", self.refuses("\n// The first line.\n// An integer is\n// none of them.\n"))

    def test_takes_other_words(self):
        self.takes("// When there is none, it is a burial; nonetheless.\n")
        self.takes('auto text = "an integer is none";\n')

    def test_reads_src_alone(self):
        self.takes("// Of these.\n", "tests/name.cpp")
        self.takes("Of these is none.\n", "src/room/README.md")

    def test_names_the_line(self):
        self.assertIn("name.hpp:4:", self.refuses("\n\nint a;\n/// What follows.\n"))


if __name__ == "__main__":
    unittest.main()
