"""tools/check_change_lists.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase

HEAD = "# Contributing\n\n`nowhere.cpp`\n\n## To change X, touch these files\n\n"


class CheckChangeLists(CheckCase):
    check = "check_change_lists.py"
    name = "CONTRIBUTING.md"
    tree = {
        "src/room/door.cpp": "void open_door() {}\n",
        "src/room/door.hpp": "void open_door();\nconstexpr int kDoors = 2;\n",
        "src/hall/lamp.cpp": "void light() {}\n",
        "docs/page.md": "# The page\n\n## Doors\n",
        "CMakeLists.txt": "",
    }

    def refuses_list(self, text: str) -> str:
        return self.refuses(HEAD + text + "\n\n## Next\n\n`nowhere.cpp`\n")

    def takes_list(self, text: str) -> None:
        self.takes(HEAD + text + "\n\n## Next\n\n`nowhere.cpp`\n")

    def test_takes_names_that_exist(self):
        self.takes_list("`src/room/door.cpp`, `door.hpp` (`kDoors`), `src/hall/`, `lamp.cpp` (`light`), `CMakeLists.txt`; `docs/page.md#doors`, `#the-page`")

    def test_refuses_a_file_that_does_not_exist(self):
        self.assertIn("src/room/gone.cpp: there is no such file", self.refuses_list("`src/room/gone.cpp`"))
        self.assertIn("CONTRIBUTING.md:7: lamp.cpp:", self.refuses_list("`src/room/door.cpp`, `lamp.cpp`"))
        self.refuses_list("`src/attic/`")

    def test_refuses_a_heading_that_does_not_exist(self):
        self.assertIn("no such heading", self.refuses_list("`docs/page.md#windows`"))
        self.refuses_list("`docs/page.md`, `#windows`")

    def test_refuses_a_word_that_no_file_of_its_list_has(self):
        self.assertIn("kWindows: no file of this list has it", self.refuses_list("`src/room/door.hpp` (`kWindows`)"))
        self.refuses_list("### A\n\n`src/room/door.hpp`\n\n### B\n\n`src/hall/lamp.cpp` (`kDoors`)")

    def test_takes_a_word_before_its_file(self):
        self.takes_list("`kDoors` of `src/room/door.hpp`")

    def test_leaves_commands_and_routes_alone(self):
        self.takes_list("`git grep -n nothing`, `GET /v1/nothing`, `/v1/nothing`")

    def test_refuses_a_page_without_the_lists(self):
        self.refuses("# Contributing\n")


if __name__ == "__main__":
    unittest.main()
