#!/usr/bin/env python3
"""Holds contracts/activity-notification.schema.json against contracts/examples: good/ is valid, bad/ is not.

check_examples.py [ROOT]   exit 0 and a count, or 1 and one line per finding.
"""
import json
import sys
from pathlib import Path

import jsonschema


def main() -> int:
    contracts = Path(sys.argv[1] if len(sys.argv) > 1 else ".") / "contracts"
    schema = json.loads((contracts / "activity-notification.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong, count = [], 0
    for folder, wanted in (("good", True), ("bad", False)):
        for path in sorted((contracts / "examples" / folder).glob("*.json")):
            count += 1
            if validator.is_valid(json.loads(path.read_bytes())) != wanted:
                wrong.append(f"{path}: {'refused' if wanted else 'taken'} by the schema")
    print("\n".join(wrong) if wrong else f"examples: {count} messages, the schema agrees")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
