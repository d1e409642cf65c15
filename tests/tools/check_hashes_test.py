"""tools/check_hashes.py finds what it is for, and only that."""
import unittest

from check_case import CheckCase


class CheckHashes(CheckCase):
    check = "check_hashes.py"
    name = "src/room/names.hpp"

    def test_refuses_tables_of_text_and_ids(self):
        for table in (
            "std::unordered_map<std::string, int> names_;",
            "std::unordered_set<std::string_view> seen;",
            "std::unordered_multimap<RoomName, int> rooms;",
            "using Names =\n    std::unordered_map<\n        std::string, int>;",
            "boost::unordered_flat_map<std::string, int> names_;",
            "std::unordered_map<std::string, int, MyHash, std::equal_to<>> names_;",
        ):
            self.assertIn("KeyedMap", self.refuses("#pragma once\n" + table))

    def test_names_the_line(self):
        self.assertIn("names.hpp:3:", self.refuses("\n\nstd::unordered_set<UserId> seen;\n"))

    def test_takes_numbers_keyed_tables_and_comments(self):
        for code in (
            "std::unordered_map<std::uint64_t, int> by_number;",
            "KeyedMap<std::string, int> names_;",
            "// not std::unordered_map<std::string, int>",
            "#include <unordered_map>",
        ):
            self.takes(code)

    def test_the_keyed_tables_themselves_are_no_finding(self):
        self.takes("std::unordered_map<Key, Value, KeyedHash>", "src/model/keyed_hash.hpp")


if __name__ == "__main__":
    unittest.main()
