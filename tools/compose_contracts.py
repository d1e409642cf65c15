#!/usr/bin/env python3
"""Makes the documents under /doc from contracts/: every shape is written once, in contracts/*.schema.json.

compose_contracts.py OUT   writes OUT/openapi.json, OUT/asyncapi.json (each whole, without a reference to a file), OUT/schemas.json (all shapes as one JSON
Schema), OUT/explorer.html (both documents as a page) and OUT/explorer.policy (its Content-Security-Policy)
"""
import copy
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contracts_page import page  # noqa: E402

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"
# Beside a $ref these say nothing about a value.
ANNOTATIONS = {"description", "title", "default", "example", "examples", "deprecated"}


def load(name: str) -> dict:
    return json.loads((CONTRACTS / name).read_text(encoding="utf-8"))


def copy_members(shape: dict, definitions: dict[str, dict]) -> None:
    """A shape with x-copy-of has the members of that one, but those in x-without, and x-optional makes all of them so."""
    if "x-copy-of" not in shape:
        return
    original = definitions[shape.pop("x-copy-of")]
    without, optional = shape.pop("x-without", []), shape.pop("x-optional", False)
    shape["type"] = "object"
    if not optional:
        shape["required"] = [name for name in original["required"] if name not in without]
    shape["properties"] = {name: value for name, value in original["properties"].items() if name not in without} | shape.get("properties", {})


class Shapes:
    """The shapes of all files under names of their own: that of the definition; for one of a file that is itself a shape, behind the file's title."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict] = {}
        self.names: dict[tuple[str, str], str] = {}
        files = {path.name: load(path.name) for path in sorted(CONTRACTS.glob("*.schema.json"))}
        for schema in files.values():
            for shape in schema.get("$defs", {}).values():
                copy_members(shape, schema["$defs"])
        for file, schema in files.items():
            is_shape = "type" in schema
            if is_shape:
                self.name(file, "", schema["title"])
            for definition in schema.get("$defs", {}):
                self.name(file, f"#/$defs/{definition}", f"{schema['title']}.{definition}" if is_shape else definition)
        for (file, pointer), name in self.names.items():
            shape = files[file] if not pointer else files[file]["$defs"][pointer.removeprefix("#/$defs/")]
            shape = {key: value for key, value in shape.items() if key not in ("$schema", "$id", "$defs")}
            self.by_name[name] = self.resolved(shape, file, "#/$defs/")

    def name(self, file: str, pointer: str, name: str) -> None:
        if name in self.names.values():
            raise SystemExit(f"compose_contracts: two shapes are called {name}")
        self.names[(file, pointer)] = name

    def resolved(self, node, file: str, prefix: str):
        """A copy in which references to files and to definitions of `file` lead to `prefix` and the shape's name."""
        if isinstance(node, list):
            return [self.resolved(item, file, prefix) for item in node]
        if not isinstance(node, dict):
            return node
        out = {key: self.resolved(value, file, prefix) for key, value in node.items() if key != "$ref"}
        ref = node.get("$ref")
        if ref is None:
            return out
        target, _, pointer = ref.partition("#")
        if not target and not pointer.startswith("/$defs/"):
            return {"$ref": ref, **out}  # within the document itself
        key = (target or file, f"#{pointer}" if pointer else "")
        if key not in self.names:
            raise SystemExit(f"compose_contracts: {file} refers to {ref}, which is no shape")
        link = {"$ref": prefix + self.names[key]}
        # AsyncAPI reads schemas as draft 07 does, where nothing counts beside a $ref.
        return {**out, "allOf": [link]} if set(out) else link

    def used_by(self, document: dict, prefix: str) -> dict[str, dict]:
        """The shapes that the document names, and those that they name."""
        found: dict[str, dict] = {}

        def walk(node) -> None:
            if isinstance(node, list):
                for item in node:
                    walk(item)
            elif isinstance(node, dict):
                for value in node.values():
                    walk(value)
                ref = node.get("$ref", "")
                name = ref.removeprefix(prefix)
                if ref.startswith(prefix) and name not in found:
                    found[name] = moved(self.by_name[name], "#/$defs/", prefix)
                    walk(found[name])

        walk(document)
        return dict(sorted(found.items()))


def moved(node, old: str, new: str):
    if isinstance(node, list):
        return [moved(item, old, new) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: value.replace(old, new) if key == "$ref" else moved(value, old, new) for key, value in node.items()}


def document(shapes: Shapes, file: str) -> dict:
    prefix = "#/components/schemas/"
    whole = shapes.resolved(copy.deepcopy(load(file)), file, prefix)
    whole["components"]["schemas"] = shapes.used_by(whole, prefix)
    return whole


def main(out: str) -> None:
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    shapes = Shapes()
    openapi, asyncapi = document(shapes, "openapi.json"), document(shapes, "asyncapi.json")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Signal", "$defs": dict(sorted(shapes.by_name.items()))}
    for name, value in (("openapi.json", openapi), ("asyncapi.json", asyncapi), ("schemas.json", whole)):
        (target / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text, policy = page(openapi, asyncapi)
    (target / "explorer.html").write_text(text, encoding="utf-8")
    (target / "explorer.policy").write_text(policy, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: compose_contracts.py OUT")
    main(sys.argv[1])
