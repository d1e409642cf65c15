#!/usr/bin/env python3
"""Gives the settings of deploy/compose.yaml and deploy/kubernetes/ to the program, which refuses names that it does not know and values that it cannot take.

settings.py PROGRAM
"""
import os
import subprocess
import sys
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"


def compose() -> dict[str, dict[str, str]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {"serve": services["signal"]["environment"], "migrate": services["migrate"]["environment"]}


def kubernetes() -> dict[str, dict[str, str]]:
    objects = [one for file in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for one in yaml.safe_load_all(file.read_text())]
    of_kind = {one["kind"]: one for one in objects}
    secrets = of_kind["Secret"]["stringData"]
    migrate = of_kind["Job"]["spec"]["template"]["spec"]["containers"][0]["env"]
    return {"serve": {**of_kind["ConfigMap"]["data"], **secrets},
            "migrate": {one["name"]: secrets[one["valueFrom"]["secretKeyRef"]["key"]] for one in migrate}}


def main() -> int:
    program, bad, count = sys.argv[1], 0, 0
    for name, commands in (("compose.yaml", compose()), ("kubernetes", kubernetes())):
        for command, settings in commands.items():
            count += len(settings)
            done = subprocess.run([program, command, "--print-config"], env={"PATH": os.environ["PATH"], **settings}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            known = {line.split(" = ")[0] for line in done.stdout.splitlines()}
            if done.returncode or not settings.keys() <= known:
                print(f"settings: deploy/{name}, {command}: {done.stderr.strip() or sorted(settings.keys() - known)}", file=sys.stderr)
                bad = 1
    if not bad:
        print(f"lint: {count} settings of compose.yaml and kubernetes, as the program takes them")
    return bad


if __name__ == "__main__":
    sys.exit(main())
