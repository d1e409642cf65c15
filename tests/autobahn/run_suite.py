"""Runs cases of the ported Autobahn fuzzing client against a WebSocket echo server, with the interpreter that `install` has made.

run_suite.py count [CASE…]               prints how many cases the suite lists for them
run_suite.py run URL OUTDIR [CASE…]      writes OUTDIR/index.html and OUTDIR/junit.xml, prints each case that failed and one line of figures

CASE is a pattern such as '7.*' or 6.4.1; without any it is what must hold here, groups 1 to 7 and 10. Left out are 9, which measures size and speed,
and 12 and 13, compression, to which the server never agrees; the suite has no 8 and no 11.

A case passes when the suite judges behaviour and close `OK`. NON-STRICT, which RFC 6455 allows, fails; so does a case that did not run. INFORMATIONAL
is what the cases of that name below say of every server. Exit 0: all passed; 1: some did not; 2: no verdict.
"""
import gc
import json
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import redirect_stdout
from pathlib import Path

import autobahntestsuite  # noqa: F401 (first: it installs the reactor)
from autobahntestsuite import fuzzing
from autobahntestsuite.case import CaseBasename, CaseCategories, Cases, CaseSetname, CaseSubCategories
from autobahntestsuite.caseset import CaseSet
from twisted.internet import reactor
from twisted.logger import eventAsText, globalLogBeginner

AGENT = "server"
GROUPS = [f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)]
# The suite sets these to INFORMATIONAL whatever the server did: a message and a close back to back, close codes 5000 and 65535.
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}
LIMIT_SECONDS = 600  # of the whole run: 15 s against a server that answers, each silence is a time-out
NEVER_OPENED = "The WebSocket opening handshake was never"


def no_verdict(message):
    print(f"autobahn: {message}; no verdict", file=sys.stderr)
    sys.exit(2)


def select(patterns):
    cases = CaseSet(CaseSetname, CaseBasename, Cases, CaseCategories, CaseSubCategories)
    for pattern in patterns:
        if not cases.resolveCasePatternList([pattern]):
            no_verdict(f"the suite has no case {pattern}")
    return cases.parseSpecCases({"cases": patterns, "exclude-cases": []})


def fuzz(url, outdir, cases):
    """Runs the cases and returns the suite's own report of them; it lacks those that did not run within the limit."""
    errors = []  # exceptions inside the client: nothing it says counts then

    def observe(event):
        if "log_failure" in event or event.get("isError"):
            errors.append(eventAsText(event))

    spec = {"outdir": str(outdir), "servers": [{"agent": AGENT, "url": url}], "cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
    index = outdir / "index.json"
    index.unlink(missing_ok=True)  # never judge an older run's
    with (outdir / "client.log").open("w", buffering=1, encoding="utf-8") as log, redirect_stdout(log):
        globalLogBeginner.beginLoggingTo([observe], redirectStandardIO=False)
        client = fuzzing.FuzzingClientFactory(spec)

        def stop():
            client.createReports()
            reactor.stop()

        reactor.callLater(LIMIT_SECONDS, stop)
        reactor.run()
    gc.collect()  # unhandled errors of deferreds are told when these go
    if errors:
        no_verdict(f"{len(errors)} errors inside the fuzzing client itself, the first is\n{errors[0]}\n")
    if not index.exists():
        no_verdict("the client ended before its report")
    report = json.loads(index.read_text(encoding="utf-8")).get(AGENT, {})
    return report or no_verdict(f"no case ran; is {url} up? {outdir}/client.log says more")


def fault_of(case, report, outdir):
    """Why a case fails, or None."""
    if case not in report:
        return f"did not run within {LIMIT_SECONDS} s"
    expected = "INFORMATIONAL" if case in INFORMATIONAL else "OK"
    behavior, close = report[case]["behavior"], report[case]["behaviorClose"]
    detail = json.loads((outdir / report[case]["reportfile"]).read_text(encoding="utf-8"))
    if behavior == close == expected and not detail["resultClose"].startswith(NEVER_OPENED):
        return None
    why = detail["result"] if behavior != expected else detail["resultClose"]
    sent = " ".join(detail["description"].split("<")[0].split())
    return f"{behavior}, close {close} ({detail['remoteCloseCode']}): {why} [{sent}]"


def run(url, outdir, cases):
    outdir.mkdir(parents=True, exist_ok=True)
    report = fuzz(url, outdir, cases)
    suite = ElementTree.Element("testsuite", name="autobahn")
    failed = 0
    for case in cases:
        entry = ElementTree.SubElement(suite, "testcase", name=case)
        if fault := fault_of(case, report, outdir):
            ElementTree.SubElement(entry, "failure", message=fault)
            print(f"FAIL {case}: {fault}")
            failed += 1
    ElementTree.ElementTree(suite).write(outdir / "junit.xml", encoding="utf-8", xml_declaration=True)
    informational = [case for case in cases if case in INFORMATIONAL]
    passed = len(cases) - failed
    print(f"autobahn: {len(cases)} cases, {passed} passed, {failed} failed; informational for every server: {' '.join(informational) or 'none'}", flush=True)
    return 1 if failed else 0


def main():
    match sys.argv[1:]:
        case ["count", *patterns]:
            print(len(select(patterns or GROUPS)))
            return 0
        case ["run", url, outdir, *patterns]:
            return run(url, Path(outdir), select(patterns or GROUPS))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
