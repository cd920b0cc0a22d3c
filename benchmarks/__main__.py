"""`make bench`: every benchmark, its figures as ratios and medians of five, with units.

`python -m benchmarks NAME [--quick]` runs one.
"""

import sys
from collections.abc import Callable

from benchmarks.analysis import report as analysis
from benchmarks.config_store import report as config_store
from benchmarks.control_plane import report as control_plane
from benchmarks.delivery import report as delivery
from benchmarks.evaluation import report as evaluation
from benchmarks.first_result import report as first_result
from benchmarks.ingestion import report as ingestion
from benchmarks.peers import report as peers
from benchmarks.remote import report as remote
from benchmarks.sdk import report as sdk

BENCHMARKS: dict[str, Callable[[bool], None]] = {
    "analysis": analysis.run,
    "config_store": config_store.run,
    "control_plane": control_plane.run,
    "delivery": delivery.run,
    "evaluation": evaluation.run,
    "first_result": first_result.run,
    "ingestion": ingestion.run,
    "remote": remote.run,
    "sdk": sdk.run,
    "peers": peers.run,
}


def main(arguments: list[str]) -> None:
    names = [argument for argument in arguments if not argument.startswith("-")] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    for name in names:
        print(f"== {name}", flush=True)
        BENCHMARKS[name]("--quick" in arguments)


main(sys.argv[1:])
