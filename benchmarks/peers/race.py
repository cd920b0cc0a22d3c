"""Times ours and every peer over the same contexts, in one process: `python -m benchmarks.peers.race`.

Each round times every engine once, so that its ratios compare figures taken within seconds of each other. R
is one SHA-1 of the naive kind. Contexts are built beforehand; events and exposures are off.
"""

import sys
from collections import Counter
from hashlib import sha1
from importlib.metadata import version
from statistics import median
from time import process_time_ns
from typing import Any

from benchmarks.evaluation.flags import CONTEXTS, DATA, UNITS
from benchmarks.peers.engines import ENGINES, KEYS, SHARES, Timed
from equipoise.evaluation.context import context
from equipoise.evaluation.machine import Machine
from tests.evaluation.wire import ruleset

ROUNDS = 5
PASSES = 5
PREFIX = "experiment.4f9b1c."


def main(quick: bool) -> None:
    for title, key in (("T: rule, then split in three", "targeted"), ("E: experiment, halves", "experiment")):
        engines = {**_ours(key), **_peers(key)}
        rows: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(1 if quick else ROUNDS):
            for name, timed in engines.items():
                rows[name].append(_nanoseconds(timed))
        print(f"-- {title}: CPU time for one evaluation (median of {len(rows['R'])}; lowest to highest)")
        for name, took in rows.items():
            hashes = [each / one for each, one in zip(took, rows["R"], strict=True)]
            times = [each / one for each, one in zip(took, rows["full detail"], strict=True)]
            figures = f"{median(took):9.0f} ns   {median(hashes):7.2f} R   {median(times):6.2f} x full detail"
            print(f"{name:34} {figures}   ({min(times):.2f} .. {max(times):.2f})", flush=True)


def _ours(key: str) -> dict[str, Timed]:
    machine = Machine(ruleset(DATA))
    units, decide, value = [context(each) for each in CONTEXTS], machine.decide, machine.value

    def hashed() -> None:
        for each in KEYS:
            int.from_bytes(sha1((PREFIX + each).encode()).digest()[:8], "big")

    def with_detail() -> None:
        for each in units:
            decide(key, each, "default")

    def value_alone() -> None:
        for each in units:
            value(key, each, "default")

    return {"R": hashed, "full detail": with_detail, "value alone": value_alone}


def _peers(key: str) -> dict[str, Timed]:
    """Those that could be made ready and split as they should."""
    found: dict[str, Timed] = {}
    for name, engine in ENGINES.items():
        try:
            timed, values = engine(key)
            timed()
            _check(key, Counter(values()))
        except Exception as error:
            print(f"{name}: left out: {error!r}"[:200], flush=True)
        else:
            found[f"{name} {version(name)}"] = timed
    return found


def _check(key: str, served: Counter[Any]) -> None:
    shares = sorted(SHARES[key])
    split = sorted(count * 100 / UNITS for count in served.values())
    near = len(split) == len(shares) and all(abs(a - b) < 8 for a, b in zip(split, shares, strict=True))
    if not near:
        raise ValueError(f"it serves {dict(served)}")


def _nanoseconds(timed: Timed) -> float:
    start = process_time_ns()
    for _ in range(PASSES):
        timed()
    return (process_time_ns() - start) / (PASSES * len(CONTEXTS))


if __name__ == "__main__":
    main("--quick" in sys.argv)
