"""tools/check_references.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase

PAGE = """# The page

## Close codes: `4001` and others

## Twice
## Twice

```
## In a fence
```
"""


class CheckReferences(CheckCase):
    check = "check_references.py"
    tree = {"docs/page.md": PAGE, "docs/other.md": "# Other\n"}

    def test_refuses_pages_and_headings_that_do_not_exist(self):
        self.assertIn("no such file", self.refuses("// (docs/nowhere.md)"))
        self.assertIn("no such heading", self.refuses("// (docs/page.md#nowhere)"))
        self.refuses("// (docs/page.md#in-a-fence)")
        self.refuses("// (docs/page.md#twice-2)")
        self.refuses("// (docs/page.md#Twice)")
        self.refuses("echo 'see docs/nowhere.md'", "script/tool")

    def test_takes_headings_by_the_anchors_that_github_makes(self):
        for anchor in ("the-page", "close-codes-4001-and-others", "twice", "twice-1"):
            self.takes(f"// (docs/page.md#{anchor}).")
        self.takes("// See docs/page.md. More is in docs/other.md.")

    def test_refuses_links_that_lead_nowhere(self):
        for link in ("[x](nowhere.md)", "[x](page.md#nowhere)", "[x](#nowhere)", "[x](../docs/other.md#nowhere)"):
            self.refuses(f"# A\n\n{link}\n", "docs/a.md")
        self.refuses("[x](docs/nowhere.md)\n", "README.md")
        self.refuses("[x](src/nowhere/)\n", "README.md")

    def test_takes_links_to_files_headings_and_other_sites(self):
        for link in ("[x](page.md)", "[`x`](page.md#twice)", "[x](#a)", "[x](https://example.org/nowhere.md#x)", "`[x](nowhere.md)`"):
            self.takes(f"# A\n\n{link}\n", "docs/a.md")
        self.takes("[x](docs/) [y](docs/page.md#twice)\n", "README.md")

    def test_refuses_documents_that_are_not_here(self):
        for citation in (
            "// bounded (contract §6)",
            "// bounded (contract\n// §6)",
            "# the contract's §4",
            "// as the wire facts say",
            "// (see wire\n/// facts 1.2)",
            "// ../shared/spec/wire-facts.md",
            "/// Style §5.3: all of them",
            "// as it was (T19)",
            "// encrypted (W 4.6)",
            "// (docs/page.md §3)",
            "// (docs/page.md, \"Twice\")",
            "// (docs/page.md,\n// Twice)",
        ):
            self.refuses(citation)

    def test_names_the_line(self):
        self.assertIn("name.hpp:3: T19:", self.refuses("\n\n// (T19)\n"))

    def test_takes_other_sources(self):
        for text in (
            "// RFC 6455 §5.5.1, RFC 9562 §4.2.",
            "template <class T1, class T2>",
            'std::string at = "2026-11-23T08:44:45Z";',
            "// the contract of this function",
            "// in a wire format, the facts of which",
        ):
            self.takes(text)


if __name__ == "__main__":
    unittest.main()
