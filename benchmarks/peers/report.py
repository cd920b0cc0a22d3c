"""Installs the peers in an environment of their own, `.venv/bench`, and has the race run there."""

import subprocess
import sys
from os import environ, pathsep
from pathlib import Path
from venv import create

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv" / "bench"
PYTHON = HOME / "bin" / "python"
OURS = "msgspec>=0.22"  # all that evaluation needs
PEERS = (
    "launchdarkly-server-sdk>=9.18,<10",
    "growthbook>=4.0,<5",
    "UnleashClient>=6.9,<7",
    "openfeature-provider-flagd>=0.6.1,<0.7",
    "eppo-server-sdk>=4.4,<5",
)


def run(quick: bool) -> None:
    """The targets: T at most 2 R, at most 1.1 times Eppo, and at least 15 times faster than the others."""
    if not PYTHON.exists():
        create(HOME, with_pip=True)
    for wanted in (OURS, *PEERS):
        if not _installed(wanted):
            print(f"{wanted}: cannot be installed", flush=True)
    print("statsig: left out: its core takes flags from its service alone", flush=True)
    path = pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [str(PYTHON), "-m", "benchmarks.peers.race", *(["--quick"] if quick else [])]
    subprocess.run(command, check=True, cwd=ROOT, env={**environ, "PYTHONPATH": path}, stdout=sys.stdout)


def _installed(wanted: str) -> bool:
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", wanted]
    return subprocess.run(pip, check=False, capture_output=True).returncode == 0
