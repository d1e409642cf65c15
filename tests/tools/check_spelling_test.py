"""tools/check_spelling.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase


class CheckSpelling(CheckCase):
    check = "check_spelling.py"
    tree = {"tools/words.txt": "epoll\nqueueable\n"}

    def refuses_word(self, text: str, word: str, name: str | None = None) -> str:
        found = self.refuses(text, name)
        self.assertIn(f": {word}: no word", found)
        return found

    def test_refuses_misspelt_words_of_prose(self):
        self.refuses_word("// A wrod in a comment.\n", "wrod")
        self.refuses_word('fail("the databse cannot be opened");\n', "databse")
        self.refuses_word("A wrod in a page.\n", "wrod", "docs/rest.md")
        self.refuses_word("A wrod in a page.\n", "wrod", "README.md")
        self.refuses_word("// A wrod.\n", "wrod", "tests/system/a.test.ts")
        self.refuses_word("#!/usr/bin/env bash\n# A wrod.\n", "wrod", "script/run")
        self.refuses_word("# A wrod.\n", "wrod", "tools/a.py")

    def test_refuses_american_spelling(self):
        for word in ("behavior", "serialized", "neighbor", "authorization", "analyze"):
            self.refuses_word(f"// The {word} of it.\n", word)
        self.takes("// The behaviour is serialised; the size is a prize.\n")

    def test_takes_words_of_the_list_in_any_letter_case(self):
        self.takes("// Epoll is queueable; epoll's too.\n")

    def test_takes_names_of_code(self):
        for name in ("`wrod`", "recieveAll", "kWrod", "WROD", "a_wrod", "wrod.cpp", "src/wrod", "wrod()", "--wrod", "wrod=1", "<wrod>", "std::wrod"):
            self.takes(f"// The name {name} is passed over.\n")
        self.takes("```\nwrod\n```\n\n    wrod\n\n[the page](wrod.md) and `wrod`\n", "docs/rest.md")

    def test_takes_code_and_literals_that_are_no_prose(self):
        self.takes('int wrod = parse("wrod"); run("SELECT wrod FROM rows"); send("{wrod wrod}");\n')
        self.takes('const text = "a wrod in a test";\n', "tests/system/a.test.ts")

    def test_names_the_line(self):
        self.assertIn("name.hpp:4:", self.refuses_word("int a;\n\n// The first line.\n// A wrod.\n", "wrod"))


if __name__ == "__main__":
    unittest.main()
