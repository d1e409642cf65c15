#!/usr/bin/env python3
"""Reads bodies of OTLP/HTTP requests in JSON, one a line, by the published Protobuf schema, and prints their spans as one JSON array.

A member that the schema does not know, a value of another type, and an id of another form than OTLP/HTTP's are errors: exit 1 and their reason. The JSON form of OTLP
has ids in hexadecimal where that of Protobuf has base64, so they are converted first.
"""
import base64
import json
import re
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

DIGITS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def with_base64(value):
    if isinstance(value, list):
        return [with_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    converted = {}
    for name, member in value.items():
        if name in DIGITS:
            if not re.fullmatch(f"[0-9a-f]{{{DIGITS[name]}}}", member) or int(member, 16) == 0:
                raise ValueError(f"{name} is {member!r}, not {DIGITS[name]} lower-case hexadecimal digits or all zero")
            converted[name] = base64.b64encode(bytes.fromhex(member)).decode()
        else:
            converted[name] = with_base64(member)
    return converted


def attributes_of(pairs):
    found = {}
    for pair in pairs:
        kind = pair.value.WhichOneof("value")
        if kind is None or pair.key in found:
            raise ValueError(f"attribute {pair.key!r} has no value, or is repeated")
        found[pair.key] = getattr(pair.value, kind)
    return found


def spans_of(body):
    request = json_format.Parse(json.dumps(with_base64(json.loads(body))), ExportTraceServiceRequest())
    if ExportTraceServiceRequest.FromString(request.SerializeToString()) != request:
        raise ValueError("the binary form differs")
    for of_resource in request.resource_spans:
        resource = attributes_of(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield {"trace": span.trace_id.hex(), "id": span.span_id.hex(), "parent": span.parent_span_id.hex(), "name": span.name,
                       "kind": Span.SpanKind.Name(span.kind), "flags": span.flags, "begin": str(span.start_time_unix_nano), "end": str(span.end_time_unix_nano),
                       "status": span.status.code, "message": span.status.message, "attributes": attributes_of(span.attributes),
                       "links": [{"trace": link.trace_id.hex(), "id": link.span_id.hex()} for link in span.links], "resource": resource}


def main() -> int:
    try:
        spans = [span for line in sys.stdin if line.strip() for span in spans_of(line)]
    except (ValueError, json_format.ParseError) as error:
        print(f"decode: {error}", file=sys.stderr)
        return 1
    print(json.dumps(spans))
    return 0


if __name__ == "__main__":
    sys.exit(main())
