"""tools/check_log_events.py finds what it is for, and only that."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "tools/check_log_events.py"


def check(source: str, *rows: str) -> subprocess.CompletedProcess:
    page = "# Operations\n\n| `elsewhere` | no event |\n\n## Log events\n\n| event | level |\n| --- | --- |\n"
    page += "".join(f"| `{row}` | warn |\n" for row in rows) + "\n## Another heading\n\n| `behind` | no event |\n"
    with tempfile.TemporaryDirectory() as root:
        for name, text in {"src/room/room.cpp": source, "docs/operations.md": page}.items():
            (Path(root) / name).parent.mkdir(parents=True)
            (Path(root) / name).write_text(text)
        return subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)


class CheckLogEvents(unittest.TestCase):
    def refuses(self, said: str, source: str, *rows: str) -> None:
        found = check(source, *rows)
        self.assertEqual(found.returncode, 1, source)
        self.assertIn(said, found.stdout)

    def takes(self, source: str, *rows: str) -> None:
        found = check(source, *rows)
        self.assertEqual(found.returncode, 0, found.stdout)

    def test_an_event_that_the_page_explains(self):
        self.takes('log.warn("room closed", {{"room", 1}});', "room closed")
        self.takes('context_.log.error(\n    "room closed: "\n    "for good",\n    {});', "room closed: for good")
        self.takes('if (on) log_->info("room open"); else routes.log.audit("room \\"shut\\"");', "room open", 'room "shut"')

    def test_an_event_that_the_page_does_not_explain(self):
        self.refuses("room.cpp:2: docs/operations.md does not explain the log event `room closed`", '\nlog.warn("room closed");')
        self.refuses("`elsewhere`", 'log.warn("elsewhere");')
        self.refuses("`behind`", 'log.warn("behind");')

    def test_both_branches_of_a_condition(self):
        self.takes('log_.warn(old ? "record too old" : "record odd", {{"a", "no event"}});', "record too old", "record odd")
        self.refuses("`record odd`", 'log_.warn(old ? "record too old" : "record odd");', "record too old")

    def test_the_event_of_write_stands_behind_the_level(self):
        self.takes('log_.write(lasting ? observe::Level::error : observe::Level::warn, "bus refused", {{"a", "b"}});', "bus refused")
        self.takes('log.write(facility, text);  // of librdkafka')

    def test_an_event_that_is_no_text(self):
        self.refuses("room.cpp:1: the event of this log line is no text", "log.warn(event);")
        self.takes('void tell_not_served(const char* event) { log.warn(event); }\nvoid f() { tell_not_served(call, "not served", why); }'.replace(
            "(const char* event)", "(const Call& call, const char* event)"), "not served")

    def test_a_row_without_an_event(self):
        self.refuses("src/ has no log event `gone`", 'log.warn("here");', "here", "gone")
        self.refuses("`here` is explained twice", 'log.warn("here");', "here", "here")

    def test_a_comment_is_no_call(self):
        self.takes('// log.warn("not written");\nlog.warn("a // b");', "a // b")


if __name__ == "__main__":
    unittest.main()
