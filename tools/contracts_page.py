"""The page of /doc/explorer: both documents as plain HTML, without a script and without anything from elsewhere."""
import base64
import hashlib
import json
from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #f6f5f1; --card: #fffefb; --ink: #1d2529; --muted: #515b61; --line: #d9d5ca; --sunk: #f0ede4; --accent: #0f5f5c; --focus: #0b57d0; --on: #fff;
  --get: #1f5673; --post: #1c6434; --patch: #7a4a12; --delete: #9b2318; --send: #6a3a78; --receive: #1f5673; }
@media (prefers-color-scheme: dark) { :root { --paper: #12171a; --card: #1a2125; --ink: #e8ecec; --muted: #a5b1b5; --line: #35414680; --sunk: #141a1d; --accent: #7fd1c8; --focus: #9cc4ff;
  --on: #12171a; --get: #9fd0ec; --post: #93d9a5; --patch: #f2c890; --delete: #ff9d93; --send: #dfb8ea; --receive: #9fd0ec; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.page { max-width: 88rem; margin: 0 auto; display: grid; grid-template-columns: minmax(14rem, 19rem) minmax(0, 1fr); gap: 2rem; padding: 1.5rem clamp(.75rem, 2.5vw, 2rem) 4rem; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1rem .25rem; font-size: .92rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; } nav li { margin: .15rem 0; } nav a { text-decoration: none; overflow-wrap: anywhere; } nav a:hover { text-decoration: underline; }
nav h2 { font-size: .95rem; margin: 0 0 .3rem; border: 0; padding: 0; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; } h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; } h4 { font-size: .95rem; margin: 1rem 0 .3rem; } p { margin: .4rem 0; max-width: 75ch; }
a { color: var(--accent); } :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
code, pre, .name { font-family: ui-monospace, "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .9em; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1.1rem; margin: 0 0 1rem; scroll-margin-top: 1rem; }
article:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.verb { display: inline-block; min-width: 4.4rem; text-align: center; border-radius: .3rem; padding: .1rem .5rem; margin-right: .5rem; color: var(--on); font-size: .8rem; font-weight: 700; letter-spacing: .03em; text-transform: uppercase; }
.get { background: var(--get); } .post { background: var(--post); } .patch { background: var(--patch); } .delete { background: var(--delete); } .send { background: var(--send); } .receive { background: var(--receive); }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .93rem; } th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--muted); border-top: 0; } td:first-child { white-space: nowrap; } .muted { color: var(--muted); }
details > summary { cursor: pointer; } details[open] > summary { margin-bottom: .4rem; } ul.plain { margin: .2rem 0; padding-left: 1.1rem; }
footer { color: var(--muted); margin-top: 3rem; font-size: .9rem; }
@media (max-width: 60rem) { .page { display: block; } nav { position: static; max-height: none; } }
@media print { nav { display: none; } .page { display: block; } article { break-inside: avoid; } }
"""


def prose(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def anchor(kind: str, name: str) -> str:
    return f"{kind}-{''.join(c if c.isalnum() else '-' for c in name)}"


def shape_link(ref: str) -> str:
    name = ref.rsplit("/", 1)[-1]
    return f'<a href="#{anchor("shape", name)}"><code>{escape(name)}</code></a>'


def kind_of(schema: dict) -> str:
    """A schema in one line."""
    if schema is True or not schema:
        return "any JSON"
    if "$ref" in schema:
        return shape_link(schema["$ref"])
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const'], ensure_ascii=False))}</code>"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>" for value in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema and "properties" not in schema and all(set(one) != {"required"} for one in schema[word]):
            return " or ".join(dict.fromkeys(kind_of(one) for one in schema[word]))
    if "allOf" in schema and "type" not in schema:
        return " and ".join(kind_of(one) for one in schema["allOf"] if "if" not in one) + limits(schema)
    types = schema.get("type", "any JSON")
    text = " or ".join(types) if isinstance(types, list) else str(types)
    if "items" in schema:
        text += f" of {kind_of(schema['items'])}"
    if "format" in schema:
        text += f" ({escape(schema['format'])})"
    return text + limits(schema)


def limits(schema: dict) -> str:
    words = {"minimum": "≥ {}", "maximum": "≤ {}", "minLength": "at least {} characters", "maxLength": "at most {} characters", "minItems": "at least {}", "maxItems": "at most {}", "pattern": "{}"}
    found = [words[word].format(f"<code>{escape(str(schema[word]))}</code>" if word == "pattern" else f"{schema[word]:,}") for word in words if word in schema]
    return f' <span class="muted">{", ".join(found)}</span>' if found else ""


def rows(head: list[str], lines: list[list[str]]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    return f'<div class="table"><table><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table></div>' if lines else ""


def members(schema: dict, path: str = "") -> list[list[str]]:
    """The members of an object, those of objects within it under their path."""
    lines = []
    required = schema.get("required", [])
    for name, value in schema.get("properties", {}).items():
        value = value if isinstance(value, dict) else {}
        must = "required" if name in required else '<span class="muted">optional</span>'
        lines.append([f'<span class="name">{escape(path + name)}</span>', kind_of(value), must, escape(value.get("description", ""))])
        lines += members(value, f"{path}{name}.")
        if isinstance(value.get("items"), dict) and "$ref" not in value["items"]:
            lines += members(value["items"], f"{path}{name}[].")
    return lines


def shape_body(schema: dict) -> str:
    parts = []
    if "properties" in schema:
        parts.append(rows(["member", "type", "presence", "meaning"], members(schema)))
    else:
        parts.append(f"<p>{kind_of(schema)}</p>")
        for word in ("anyOf", "oneOf"):
            parts += [rows(["member", "type", "presence", "meaning"], members(one)) for one in schema.get(word, []) if "properties" in one]
    return "".join(parts)


class OpenApi:
    def __init__(self, document: dict) -> None:
        self.document = document

    def followed(self, node: dict) -> dict:
        while "$ref" in node and node["$ref"].startswith("#/components/") and "/schemas/" not in node["$ref"]:
            found = self.document
            for part in node["$ref"][2:].split("/"):
                found = found[part]
            node = found
        return node

    def operations(self):
        for path, item in self.document["paths"].items():
            for method in ("get", "post", "patch", "delete"):
                if method in item:
                    yield path, method, item[method], item.get("parameters", [])

    @staticmethod
    def content(holder: dict) -> str:
        return "; ".join(f"<code>{escape(media)}</code> {kind_of(value.get('schema', {}))}" for media, value in holder.get("content", {}).items())

    def article(self, path: str, method: str, operation: dict, shared: list[dict]) -> str:
        parameters = [self.followed(one) for one in [*shared, *operation.get("parameters", [])]]
        lines = [[f'<span class="name">{escape(one["name"])}</span>', one["in"], kind_of(one["schema"]) if "schema" in one else self.content(one), escape(one.get("description", ""))]
                 for one in parameters]
        body = self.followed(operation.get("requestBody", {}))
        answers = []
        for status, answer in operation["responses"].items():
            answer = self.followed(answer)
            answers.append([f"<code>{status}</code>", self.content(answer) or '<span class="muted">no body</span>', escape(answer["description"])])
        token = "" if operation.get("security") == [] else '<p class="muted">With <code>Authorization: Bearer &lt;JWT&gt;</code>.</p>'
        return f"""<article id="{anchor('operation', operation['operationId'])}"><h3><span class="verb {method}">{method}</span><span class="name">{escape(path)}</span></h3>
{prose(operation['summary'] + '.')}{prose(operation.get('description', ''))}{token}
{'<h4>Parameters</h4>' + rows(['name', 'in', 'type', 'meaning'], lines) if lines else ''}
{'<h4>Body</h4><p>' + self.content(body) + '</p>' if body else ''}
<h4>Answers</h4>{rows(['status', 'body', 'meaning'], answers)}</article>"""


def message_article(name: str, message: dict) -> str:
    summary = message.get("summary", "")
    return f"""<li><details><summary><code>{escape(name)}</code> <span class="muted">{escape(summary)}</span></summary>
<p>{kind_of(message.get('payload', {}))}</p>{rows(["header", "type", "presence", "meaning"], members(message.get('headers', {})))}</details></li>"""


def channel_article(key: str, channel: dict, document: dict) -> str:
    parts = []
    for operation in document["operations"].values():
        if operation["channel"]["$ref"] != f"#/channels/{key}":
            continue
        refs = [one["$ref"] for one in operation.get("messages", [])] or [f"#/channels/{key}/messages/{name}" for name in channel["messages"]]
        items = []
        for ref in refs:
            target = channel["messages"][ref.rsplit("/", 1)[-1]]["$ref"].rsplit("/", 1)[-1]
            items.append(message_article(target, document["components"]["messages"][target]))
        words = {"send": "Signal sends", "receive": "Signal receives"}
        parts.append(f'<h4><span class="verb {operation["action"]}">{operation["action"]}</span>{escape(operation["summary"])} <span class="muted">({words[operation["action"]]})</span></h4>'
                     f'<ul class="plain">{"".join(items)}</ul>')
    title = f" — {escape(channel['title'])}" if "title" in channel else ""
    return f"""<article id="{anchor('channel', key)}"><h3><span class="name">{escape(channel['address'])}</span>{title}</h3>
{prose(channel.get('description', ''))}{''.join(parts)}</article>"""


def page(openapi: dict, asyncapi: dict) -> tuple[str, str]:
    """The page, and its Content-Security-Policy: nothing but its own style sheet."""
    rest = OpenApi(openapi)
    shapes = {**asyncapi["components"]["schemas"], **openapi["components"]["schemas"]}
    operations, index = [], []
    for tag in openapi["tags"]:
        inside = [one for one in rest.operations() if tag["name"] in one[2]["tags"]]
        operations.append(f"<h2>{escape(tag['name'].capitalize())}</h2>{prose(tag['description'])}" + "".join(rest.article(*one) for one in inside))
        links = "".join(f'<li><a href="#{anchor("operation", one[2]["operationId"])}"><code>{one[1].upper()} {escape(one[0])}</code></a></li>' for one in inside)
        index.append(f"<h2>{escape(tag['name'].capitalize())}</h2><ul>{links}</ul>")
    channels = "".join(channel_article(key, channel, asyncapi) for key, channel in asyncapi["channels"].items())
    index.append("<h2>Messages</h2><ul>" + "".join(f'<li><a href="#{anchor("channel", key)}"><code>{escape(channel["address"])}</code></a></li>' for key, channel in asyncapi["channels"].items()) + "</ul>")
    shape_articles = "".join(f'<article id="{anchor("shape", name)}"><h3><span class="name">{escape(name)}</span></h3>{prose(schema.get("description", ""))}{shape_body(schema)}</article>'
                             for name, schema in sorted(shapes.items()))
    index.append("<h2>Shapes</h2><ul>" + "".join(f'<li><a href="#{anchor("shape", name)}"><code>{escape(name)}</code></a></li>' for name in sorted(shapes)) + "</ul>")
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Signal: REST and messages</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style></head>
<body><a class="skip" href="#content">To the content</a><div class="page">
<nav aria-label="Contents">{''.join(index)}</nav>
<main id="content"><h1>Signal: REST and messages</h1>{prose(openapi['info']['description'])}{prose(asyncapi['info']['description'])}
<p>For machines: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1), <a href="asyncapi.json">asyncapi.json</a> (AsyncAPI 3.0).</p>
{''.join(operations)}<h2>Messages</h2>{channels}<h2>Shapes</h2>{shape_articles}
<footer>Made from contracts/ when this program was built.</footer></main></div></body></html>
"""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return text, policy
