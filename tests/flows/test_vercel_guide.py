"""The guide for providers."""

from pathlib import Path

from tests.clients import node
from tests.flows.guides import run_through


def test_the_guide_runs_as_it_stands(tmp_path: Path) -> None:
    binary, modules = node("@vercel/sdk")
    (tmp_path / "node_modules").symlink_to(modules)
    run_through("vercel.md", tmp_path, str(Path(binary).parent))
