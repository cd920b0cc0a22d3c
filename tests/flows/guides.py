"""Guides, every block of them, in an empty folder against a server of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

FOLDER = Path(__file__).parents[2] / "docs" / "guide"
BLOCKS = re.compile(r"^( *)```(sh|console|js|python)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
STOP = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"
SECONDS_MAX = 900


def script(guide: str) -> str:
    """What a reader does: files are saved, commands are typed; packages are there already."""
    done = ["set -e", STOP]
    for _, kind, block in BLOCKS.findall(guide):
        text = dedent(block)
        if kind == "sh":
            done.append(text)
        elif kind == "console":
            typed = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
            done += [line for line in typed if not line.startswith("npm install")]
        else:
            first = text.partition("\n")[0]
            assert first.startswith(("# ", "// ")), f"no name to save it under: {first}"
            name = first.lstrip("/# ")
            done.append(f"cat > {name} <<'END OF FILE'\n{text}END OF FILE")
    return "\n".join(done)


def run_through(guide: str, folder: Path, *commands: str) -> str:
    """What it printed, once it is at its end. On a port that is not the default one, which another server
    may have.

    commands  folders of programs that it needs, beside Equipoise
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    said = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    paths = os.pathsep.join((str(Path(sys.executable).parent), *commands, said["PATH"]))
    shell = subprocess.Popen(
        ["bash", "-c", script((FOLDER / guide).read_text())],
        cwd=folder,
        env={**said, "PATH": paths, "EQUIPOISE_PORT": port},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        out, _ = shell.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)  # the server too
        raise
    log = folder / "serve.log"
    assert shell.returncode == 0, f"{out}\n{log.read_text() if log.exists() else ''}"
    return out
