#!/usr/bin/env python3
"""Runs the layers of the test suite on a built preset and holds the count of each against the number of tests registered.

run_tests.py PRESET [LAYER…]   LAYER: unit component autobahn system page, and on demand faults (each fault at its full length) and history (SIGNAL_HISTORY_SEEDS seeds
from SIGNAL_HISTORY_FIRST on). A skipped test, or one that is registered and did not run, is a failure.
"""
import base64
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = ROOT / "tests/system"
AUTOBAHN = ROOT / "tests/autobahn"
AUTOBAHN_CLIENT = ROOT / "build/autobahn"
LAYERS = ["unit", "component", "autobahn", "system", "page"]
ON_DEMAND = ["faults", "history"]
WITH_STACK = [str(ROOT / "tests/stack/with")]  # beside a real Kafka and PostgreSQL
# Lines that tests print about what they measured.
FIGURES = re.compile(r"^(seed \d+|smoke|history|fault|messages|front door|check|clock|bus|autobahn): ")
# Most of what component and system tests do is to wait (for a time-out, a rebalance, a server that starts), so more of them than there are cores run side by side.
CORES = max(1, os.cpu_count() or 1)
JOBS = {"unit": CORES, "component": 3 * CORES}
# Files of system tests that run side by side, each beside a Kafka and a PostgreSQL of its own, which it may stop.
LANES = min(8, CORES + 2)
# What an interrupt has to end: the process groups of the tests that run.
running: set[int] = set()
# A test that hangs fails after this. It is no measure of speed: a layer is a few minutes on a quiet machine.
TEST_SECONDS = 1200


@dataclass
class Outcome:
    registered: int = 0
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # what the failed ones printed, the end of each


def last_lines(log: Path, count: int) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""


def said_before_failures(log: Path) -> str:
    """The lines before each `(fail)` of bun, or the log's end if it names none."""
    lines = log.read_text(errors="replace").splitlines()
    ends = [number for number, line in enumerate(lines) if line.startswith("(fail)")]
    return "\n".join("\n".join(lines[max(0, end - 30):end + 1]) for end in ends[:5]) if ends else last_lines(log, 30)


def sanitizer_environment() -> dict[str, str]:
    suppressions = ROOT / "tools/tsan.supp"
    return {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={suppressions}",
    }


def run(command: list[str], cwd: Path, environment: dict[str, str], log: Path, timeout: int) -> int:
    with log.open("w") as out:
        # A group of its own: what does not end in time is told as a whole, so that a stack beside it can end its servers.
        child = subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        running.add(child.pid)
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            out.write(f"\nrun_tests: {command[0]} did not end within {timeout} s\n")
        finally:
            if child.poll() is None:
                end_group(child)
            running.discard(child.pid)
        return 124


def end_group(child: subprocess.Popen) -> None:
    for end in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, end)
            child.wait(60)
            return
        except (subprocess.TimeoutExpired, ProcessLookupError):
            continue


def read_junit(path: Path, outcome: Outcome) -> None:
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name") or "?"
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            outcome.failures.append(f"{name} (skipped)")
        elif case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            outcome.failures.append(name)
        else:
            outcome.passed += 1


def ctest_layer(layer: str, build: Path, environment: dict[str, str], output: Path) -> Outcome:
    listed = subprocess.run(["ctest", "--test-dir", str(build), "-N", "-L", f"^{layer}$"], capture_output=True, text=True, env=environment)
    total = re.search(r"Total Tests: (\d+)", listed.stdout)
    outcome = Outcome(registered=int(total.group(1)) if total else 0)
    junit = output / f"{layer}.xml"
    beside = WITH_STACK if layer == "component" else []
    code = run([*beside, "ctest", "--test-dir", str(build), "-L", f"^{layer}$", "-j", str(JOBS[layer]), "--output-on-failure", "--output-junit", str(junit)],
               ROOT, environment, output / f"{layer}.log", 5400)
    if junit.exists():
        read_junit(junit, outcome)
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"ctest ended with {code}")
    return outcome


def install_node_packages() -> None:
    stamp = SYSTEM / "node_modules/.package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= (SYSTEM / "package-lock.json").stat().st_mtime:
        return
    print("test: installing the npm packages of tests/system", flush=True)
    for attempt in range(3):
        if subprocess.run(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], cwd=SYSTEM, stdin=subprocess.DEVNULL).returncode == 0:
            stamp.touch()
            return
        time.sleep(5 * (attempt + 1))
    sys.exit("test: npm ci failed three times in tests/system; its messages stand above")


@contextmanager
def stack():
    """The environment of a fresh Kafka and PostgreSQL, which end with the block, and when this process is killed: they hold its end of a pipe."""
    servers = subprocess.Popen([*WITH_STACK, "sh", "-c", "env -0 | base64 -w 0; echo; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        told = base64.b64decode(servers.stdout.readline())
        if not told:
            raise RuntimeError("tests/stack/with did not start; its messages stand above")
        yield {name: value for name, _, value in (one.partition("=") for one in told.decode().split("\0")) if name.startswith("NX_TEST_")}
    finally:
        servers.stdin.close()
        try:
            servers.wait(120)
        except subprocess.TimeoutExpired:
            end_group(servers)


def bun_files(wanted: list[str]) -> list[Path]:
    """Those of the faults first, then the bus and the neighbours: they take longest, and the short ones fill the lanes at the end."""
    files = [path for one in wanted for path in ([SYSTEM / one] if one.endswith(".ts") else (SYSTEM / one).rglob("*.test.ts")) if "node_modules" not in path.parts]
    return sorted(files, key=lambda path: (["faults", "bus", "neighbours", "system"].index(path.parent.name), path.name))


def bun_tests(layer: str, wanted: list[str], environment: dict[str, str], output: Path, timeout: int) -> Outcome:
    """Runs each file of `wanted` (files and folders under tests/system) on its own, `LANES` of them side by side."""
    bun = str(SYSTEM / "node_modules/.bin/bun")
    files = [str(path) for path in bun_files(wanted)]
    listed = subprocess.run([bun, "test", "--test-name-pattern", "^$", "--timeout", "1000", *files], cwd=SYSTEM, env=environment, capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    total = re.search(r"skipping (\d+) tests?", listed.stdout + listed.stderr)
    outcome = Outcome(registered=int(total.group(1)) if total else 0)
    parts = output / layer
    parts.mkdir(exist_ok=True)
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for one in files:
        waiting.put(one)
    whole, lock = output / f"{layer}.log", threading.Lock()
    whole.write_text("")

    def run_one(path: str, beside: dict[str, str]) -> None:
        name = str(Path(path).relative_to(SYSTEM)).replace("/", "-").removesuffix(".test.ts")
        junit, log = parts / f"{name}.xml", parts / f"{name}.log"
        junit.unlink(missing_ok=True)
        code = run([bun, "test", "--no-orphans", "--timeout", str(TEST_SECONDS * 1000), "--reporter=junit", f"--reporter-outfile={junit}", path], SYSTEM,
                   {**environment, **beside}, log, timeout)
        with lock:
            known = len(outcome.failures)
            if junit.exists():
                read_junit(junit, outcome)
            if code != 0 and len(outcome.failures) == known:
                outcome.failures.append(f"bun test {path} ended with {code}")
            if len(outcome.failures) > known:
                outcome.texts.append(said_before_failures(log))
            with whole.open("a") as out:
                out.write(log.read_text(errors="replace"))

    def lane() -> None:
        with stack() as beside:
            while not stopping.is_set():
                try:
                    run_one(waiting.get_nowait(), beside)
                except queue.Empty:
                    return

    stopping = threading.Event()
    with ThreadPoolExecutor(LANES) as lanes:
        done = [lanes.submit(lane) for _ in range(min(LANES, len(files)))]
        try:
            for one in done:
                one.result()
        except BaseException:
            stopping.set()
            for group in list(running):
                os.killpg(group, signal.SIGTERM)
            raise
    return outcome


def install_autobahn() -> None:
    if subprocess.run([str(AUTOBAHN / "install"), str(AUTOBAHN_CLIENT)], stdin=subprocess.DEVNULL).returncode != 0:
        sys.exit("test: tests/autobahn/install failed; its messages stand above")


def autobahn_layer(build: Path, environment: dict[str, str], output: Path) -> Outcome:
    suite = [str(AUTOBAHN_CLIENT / "bin/python"), str(AUTOBAHN / "run_suite.py")]
    counted = subprocess.run([*suite, "count"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    outcome = Outcome(registered=int(counted.stdout) if counted.returncode == 0 else 0)
    report = output / "autobahn"
    junit = report / "junit.xml"
    junit.unlink(missing_ok=True)
    with (output / "autobahn-server.log").open("w") as errors, subprocess.Popen(
            [str(build / "tests/autobahn_echo_server")], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as server:
        try:
            port = server.stdout.readline().strip()
            code = run([*suite, "run", f"ws://127.0.0.1:{port}", str(report)], ROOT, environment, output / "autobahn.log", 900)
        finally:
            server.stdin.close()  # which ends it
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
    if junit.exists():
        read_junit(junit, outcome)
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"run_suite.py ended with {code}")
    if server.returncode != 0:
        outcome.failures.append(f"autobahn_echo_server ended with {server.returncode}, its messages are in autobahn-server.log")
    return outcome


def system_layer(environment: dict[str, str], output: Path) -> Outcome:
    return bun_tests("system", ["."], environment, output, 7200)


def faults_layer(environment: dict[str, str], output: Path) -> Outcome:
    return bun_tests("faults", ["faults"], {**environment, "SIGNAL_FAULTS": "full"}, output, 3600)


def history_layer(environment: dict[str, str], output: Path) -> Outcome:
    first, seeds = int(os.environ.get("SIGNAL_HISTORY_FIRST", "1")), int(os.environ.get("SIGNAL_HISTORY_SEEDS", "20"))
    whole = Outcome(registered=seeds)
    with (output / "history.log").open("w") as log:
        for seed in range(first, first + seeds):
            one = bun_tests(f"history-{seed}", ["faults/history.test.ts"], {**environment, "SIGNAL_FAULT_SEED": str(seed)}, output, 900)
            text = (output / f"history-{seed}.log").read_text(errors="replace")
            log.write(text)
            print("\n".join(line for line in text.splitlines() if re.match(r"history: seed \d+: ", line)), flush=True)
            whole.passed += 1 if one.passed == 1 and not one.failures else 0
            whole.failures += [f"seed {seed}: {name}" for name in one.failures]
            whole.texts += one.texts
    return whole


def page_layer(environment: dict[str, str], output: Path) -> Outcome:
    files = sorted(str(path) for path in SYSTEM.glob("*.test.mjs"))
    if not files:
        return Outcome()
    log = output / "page.log"
    code = run(["node", "--test", "--test-reporter=tap", *files], SYSTEM, environment, log, 3600)
    text = log.read_text()
    outcome = Outcome(registered=sum(int(count) for count in re.findall(r"^1\.\.(\d+)", text, re.M)))
    numbers = {name: int(value) for name, value in re.findall(r"^# (tests|pass|fail|skipped|cancelled|todo) (\d+)", text, re.M)}
    outcome.passed = numbers.get("pass", 0)
    outcome.failures = [name.strip() for name in re.findall(r"^\s*not ok \d+ - (.*)$", text, re.M)]
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"node --test ended with {code}")
    return outcome


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs is ended before we are
    preset, layers = sys.argv[1], sys.argv[2:] or LAYERS
    if unknown := set(layers) - set(LAYERS + ON_DEMAND):
        print(f"test: unknown layer {', '.join(sorted(unknown))}; the layers are {', '.join(LAYERS + ON_DEMAND)}", file=sys.stderr)
        return 2
    build = ROOT / "build" / preset
    output = ROOT / "tests/output"
    output.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **sanitizer_environment(), "NX_SIGNAL_BINARY": str(build / "nx-signal"), "NX_SIGNAL_PRESET": preset,
                   "NX_SIGNAL_TEST_OUTPUT": str(output),
                   "APP_ENV_LOGGER_FOLDER_PATH": str(output)}  # where the npm helpers write logs of their own
    if {"system", "page", *ON_DEMAND} & set(layers):
        install_node_packages()
    if "autobahn" in layers:
        install_autobahn()
    passed, failed = 0, 0
    rows, said = [], []
    for layer in layers:
        print(f"test: {layer} tests, log in {(output / layer).relative_to(ROOT)}.log", flush=True)
        began = time.monotonic()
        if layer in ("unit", "component"):
            outcome = ctest_layer(layer, build, environment, output)
        elif layer == "autobahn":
            outcome = autobahn_layer(build, environment, output)
        elif layer == "system":
            outcome = system_layer(environment, output)
        elif layer == "faults":
            outcome = faults_layer(environment, output)
        elif layer == "history":
            outcome = history_layer(environment, output)
        else:
            outcome = page_layer(environment, output)
        missing = outcome.registered - outcome.passed - len(outcome.failures)
        if outcome.registered == 0:
            outcome.failures.append(f"no {layer} test is registered")
        elif missing > 0:
            outcome.failures.append(f"{missing} registered {layer} tests did not run")
        rows.append(f"  {layer:<10} {outcome.registered:>4} registered {outcome.passed:>4} passed {len(outcome.failures):>3} failed"
                    f"   {time.monotonic() - began:6.1f} s")
        print(rows[-1], flush=True)
        log = output / f"{layer}.log"
        if layer in ("autobahn", "system", "faults") and log.exists():
            print("\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines() if FIGURES.match(line)), flush=True)
        passed += outcome.passed
        failed += len(outcome.failures)
        if outcome.failures:
            said += outcome.texts or [last_lines(log, 120)]
            said += [f"FAILED {layer}: {name}" for name in outcome.failures]
    if said:
        print("\n" + "\n".join(said))
    print("\ntest: summary, preset", preset)
    print("\n".join(rows))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("test: interrupted")
