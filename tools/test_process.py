"""A program that tests are run with: it ends as a whole, and its report says what passed."""
import os
import signal
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WITH_STACK = [str(ROOT / "tests/stack/with")]  # beside a real Kafka and PostgreSQL
# What an interrupt has to end: the process groups of the tests that run.
running: set[int] = set()


@dataclass
class Outcome:
    registered: int = 0
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # what the failed ones printed, the end of each


def last_lines(log: Path, count: int) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""


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
