#!/usr/bin/env python3
"""Runs the layers of the test suite on a built preset and holds the count of each against the number of tests registered.

run_tests.py PRESET [LAYER…]   LAYER: unit component autobahn system client page, and on demand faults (each fault at its full length) and history (SIGNAL_HISTORY_SEEDS seeds
from SIGNAL_HISTORY_FIRST on). A skipped test, or one that is registered and did not run, is a failure.
"""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from bun_tests import CLIENTS, SYSTEM, bun_tests, install_envoy, install_node_packages
from test_process import ROOT, WITH_STACK, Outcome, last_lines, read_junit, run

AUTOBAHN = ROOT / "tests/autobahn"
AUTOBAHN_CLIENT = ROOT / "build/autobahn"
LAYERS = ["unit", "component", "autobahn", "system", "client", "page"]
ON_DEMAND = ["faults", "history"]
# Lines that tests print about what they measured.
FIGURES = re.compile(r"^(seed \d+|smoke|history|fault|messages|front door|check|clock|bus|proxies|autobahn|monitoring|client): ")
# Most of what component and system tests do is to wait (for a time-out, a rebalance, a server that starts), so more of them than there are cores run side by side.
CORES = max(1, os.cpu_count() or 1)
JOBS = {"unit": CORES, "component": 3 * CORES}


def sanitizer_environment() -> dict[str, str]:
    suppressions = ROOT / "tools/tsan.supp"
    return {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={suppressions}",
    }


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


def client_layer(environment: dict[str, str], output: Path) -> Outcome:
    # First, because some tests import what the build makes.
    check = output / "client-check.log"
    code = run([str(ROOT / "script/client"), "check"], ROOT, environment, check, 600)
    outcome = bun_tests("client", [str(CLIENTS / "tests")], environment, output, 1800, most_lanes=2)
    outcome.registered += 1
    if code == 0:
        outcome.passed += 1
    else:
        outcome.failures.append(f"script/client check ended with {code}")
        outcome.texts.append(last_lines(check, 30))
    with (output / "client.log").open("a") as log:
        log.write(check.read_text(errors="replace"))
    return outcome


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
            whole.passed += 1 if 0 < one.passed == one.registered and not one.failures else 0
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
    if {"system", "client", "page", *ON_DEMAND} & set(layers):
        install_node_packages()
    if "client" in layers:
        install_node_packages(CLIENTS)
    if "system" in layers:
        install_envoy()
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
        elif layer == "client":
            outcome = client_layer(environment, output)
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
        if layer in ("autobahn", "system", "client", "faults") and log.exists():
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
