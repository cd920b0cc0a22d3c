"""The guide for providers, every block of it, in an empty folder against a server of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.clients import node

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "vercel.md"
BLOCKS = re.compile(r"^```(console|js)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STOP = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"
SECONDS_MAX = 900


def script(guide: str) -> str:
    """What a reader does: files are saved, commands are typed; packages are there already."""
    done = ["set -e", STOP]
    for kind, text in BLOCKS.findall(guide):
        if kind == "js":
            name = text.partition("\n")[0].removeprefix("// ")
            done.append(f"cat > {name} <<'END OF FILE'\n{text}END OF FILE")
        else:
            typed = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
            done += [line for line in typed if not line.startswith("npm install")]
    return "\n".join(done)


def test_the_guide_runs_as_it_stands(tmp_path: Path) -> None:
    """On a port that is not the default one, which another server may have."""
    binary, modules = node("@vercel/sdk")
    (tmp_path / "node_modules").symlink_to(modules)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    commands = os.pathsep.join((str(Path(sys.executable).parent), str(Path(binary).parent)))
    said = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    shell = subprocess.Popen(
        ["bash", "-c", script(GUIDE.read_text())],
        cwd=tmp_path,
        env={**said, "PATH": f"{commands}{os.pathsep}{said['PATH']}", "EQUIPOISE_PORT": port},
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
    assert shell.returncode == 0, f"{out}\n{(tmp_path / 'serve.log').read_text()}"
