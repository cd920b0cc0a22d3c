"""An environment of 10,000 flags: how soon its first decision is there, and what one changed flag costs."""

from statistics import median
from time import process_time

from msgspec.structs import replace

from equipoise.domain.clauses import Clause
from equipoise.domain.flag.state import Flag, Prerequisite
from equipoise.domain.snapshot import Snapshot, snapshot
from equipoise.evaluation.compile import Compiled, compile
from equipoise.evaluation.context import context
from equipoise.evaluation.machine import Machine
from tests.domain.builders import ON, a_flag, a_rollout, a_rule, a_targeting, an_environment
from tests.domain.experiment.examples import running

FLAGS, EXPERIMENTS = 10_000, 100
CHANGES, CHANGES_QUICK = 5, 1
HERE, RUNNING = an_environment(), running()
RAN = [replace(RUNNING, flag=f"flag-{number:04d}") for number in range(0, FLAGS, FLAGS // EXPERIMENTS)]
ASKED = context({"kind": "user", "key": "anna", "country": "de", "age": 20, "version": "3.0.0"})


def run(quick: bool) -> None:
    """The target is 1 s from the snapshot to the first decision."""
    flags = [_flag(number) for number in range(FLAGS)]
    taken = _taken(flags, None)
    start = process_time()
    machine = Machine(compile(taken))
    machine.decide("flag-0003", ASKED)
    first = process_time() - start
    start = process_time()
    for flag in flags:
        machine.decide(flag.key, ASKED)
    all_of_them = process_time() - start
    changed = []
    for change in range(CHANGES_QUICK if quick else CHANGES):
        flags[3] = replace(flags[3], salt=f"salt-{change}")
        start = process_time()
        before, taken = taken, _taken(flags, taken)
        machine = Machine(compile(taken, before=Compiled(before, machine.ruleset)), before=machine)
        machine.decide("flag-0003", ASKED)
        changed.append(process_time() - start)
    print(f"-- {FLAGS} flags, {EXPERIMENTS} of them under experiment (CPU time)")
    print(f"{'snapshot to first decision [ms]':42} {first * 1e3:10.2f}")
    print(f"{'each flag asked for the first time [us]':42} {all_of_them / FLAGS * 1e6:10.2f}")
    print(f"{'one changed flag [ms]':42} {median(changed) * 1e3:10.2f}", flush=True)


def _taken(flags: list[Flag], before: Snapshot | None) -> Snapshot:
    return snapshot(HERE, 9, flags, {}, RAN, before)


def _flag(number: int) -> Flag:
    """A rule of three clauses and a rollout; one in ten needs another first, one in five was never set."""
    clauses = (
        Clause("a", "country", "in", ("de", "fr")),
        Clause("b", "age", "greaterThan", (17,)),
        Clause("c", "version", "semVerGreaterThan", ("2.3.0",)),
    )
    needed = (Prerequisite(f"flag-{number - 1:04d}", ON),) if number % 10 == 5 else ()
    targeting = a_targeting(rules=(a_rule(clauses=clauses, serve=a_rollout()),), prerequisites=needed)
    there = {HERE.key: targeting} if number % 5 else {}
    return a_flag(id=f"{number:024x}", key=f"flag-{number:04d}", targeting=there)
