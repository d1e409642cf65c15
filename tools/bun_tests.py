"""The files of tests/system and clients/typescript that bun runs, several side by side, each beside a Kafka and a PostgreSQL of its own."""
import base64
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from test_process import ROOT, WITH_STACK, Outcome, end_group, last_lines, read_junit, run, running

SYSTEM = ROOT / "tests/system"
CLIENTS = ROOT / "clients/typescript"
# Files of system tests that run side by side, each beside a Kafka and a PostgreSQL of its own, which it may stop.
LANES = min(8, max(1, os.cpu_count() or 1) + 2)
# A test that hangs fails after this. It is no measure of speed: a layer is a few minutes on a quiet machine.
TEST_SECONDS = 1200


def said_before_failures(log: Path) -> str:
    """The lines before each `(fail)` of bun, or the log's end if it names none."""
    lines = log.read_text(errors="replace").splitlines()
    ends = [number for number, line in enumerate(lines) if line.startswith("(fail)")]
    return "\n".join("\n".join(lines[max(0, end - 30):end + 1]) for end in ends[:5]) if ends else last_lines(log, 30)


def install_node_packages(folder: Path = SYSTEM) -> None:
    stamp = folder / "node_modules/.package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime:
        return
    print(f"test: installing the npm packages of {folder.relative_to(ROOT)}", flush=True)
    for attempt in range(3):
        if subprocess.run(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], cwd=folder, stdin=subprocess.DEVNULL).returncode == 0:
            stamp.touch()
            return
        time.sleep(5 * (attempt + 1))
    sys.exit(f"test: npm ci failed three times in {folder.relative_to(ROOT)}; its messages stand above")


def install_envoy() -> None:
    if subprocess.run([str(SYSTEM / "proxies/install"), str(ROOT / "build/envoy")], stdin=subprocess.DEVNULL).returncode != 0:
        sys.exit("test: tests/system/proxies/install failed; its messages stand above")


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


# Those that take longest; the short ones fill the lanes at the end.
FIRST_FOLDERS = ["faults", "bus", "proxies", "neighbours", "browser", "inbox", "weather", "system"]


def bun_files(wanted: list[str]) -> list[Path]:
    files = [path for one in wanted for path in ([SYSTEM / one] if one.endswith(".ts") else (SYSTEM / one).rglob("*.test.ts")) if "node_modules" not in path.parts]
    order = {name: place for place, name in enumerate(FIRST_FOLDERS)}
    return sorted(files, key=lambda path: (order.get(path.parent.name, len(order)), path.name))


def bun_tests(layer: str, wanted: list[str], environment: dict[str, str], output: Path, timeout: int, most_lanes: int = LANES) -> Outcome:
    """Runs each file of `wanted` (files and folders, absolute or under tests/system) on its own, `most_lanes` of them side by side."""
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
        name = str(Path(path).relative_to(SYSTEM if Path(path).is_relative_to(SYSTEM) else ROOT)).replace("/", "-").removesuffix(".test.ts")
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
    with ThreadPoolExecutor(most_lanes) as lanes:
        done = [lanes.submit(lane) for _ in range(min(most_lanes, len(files)))]
        try:
            for one in done:
                one.result()
        except BaseException:
            stopping.set()
            for group in list(running):
                os.killpg(group, signal.SIGTERM)
            raise
    return outcome
