"""tools/check_hashes.py finds what it is for, and only that."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "tools/check_hashes.py"


def check(code: str, name: str = "room/names.hpp") -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / "src" / name
        path.parent.mkdir(parents=True)
        path.write_text(code)
        return subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)


class CheckHashes(unittest.TestCase):
    def test_refuses_tables_of_text_and_ids(self):
        for table in (
            "std::unordered_map<std::string, int> names_;",
            "std::unordered_set<std::string_view> seen;",
            "std::unordered_multimap<RoomName, int> rooms;",
            "using Names =\n    std::unordered_map<\n        std::string, int>;",
            "boost::unordered_flat_map<std::string, int> names_;",
            "std::unordered_map<std::string, int, MyHash, std::equal_to<>> names_;",
        ):
            found = check("#pragma once\n" + table)
            self.assertEqual(found.returncode, 1, table)
            self.assertIn("src/room/names.hpp:", found.stdout)
            self.assertIn("KeyedMap", found.stdout)

    def test_names_the_line(self):
        self.assertIn("names.hpp:3:", check("\n\nstd::unordered_set<UserId> seen;\n").stdout)

    def test_takes_numbers_keyed_tables_and_comments(self):
        for code in (
            "std::unordered_map<std::uint64_t, int> by_number;",
            "KeyedMap<std::string, int> names_;",
            "// not std::unordered_map<std::string, int>",
            "#include <unordered_map>",
        ):
            found = check(code)
            self.assertEqual(found.returncode, 0, found.stdout)

    def test_the_keyed_tables_themselves_are_no_finding(self):
        self.assertEqual(check("std::unordered_map<Key, Value, KeyedHash>", "model/keyed_hash.hpp").returncode, 0)


if __name__ == "__main__":
    unittest.main()
