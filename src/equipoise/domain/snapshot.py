"""What an environment serves at one moment: the input of every ruleset and every payload."""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec import Struct

from equipoise.domain.environment.state import Environment
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag, Targeting
from equipoise.domain.identity import Id
from equipoise.domain.overlay import Overlay, memberships_of, overlaid, overlay_of
from equipoise.domain.segment.membership import Membership


class Served(Struct, frozen=True):
    """A flag as one environment serves it.

    targeting  with the overlays of running experiments
    version    number of the last change to either; it grows over delete and re-create too
    """

    flag: Flag
    targeting: Targeting
    version: int


class Snapshot(Struct, frozen=True):
    """All that an environment serves, archived flags left out.

    number    of the project's log, up to which it is true
    flags     flag key → the flag as served here
    segments  key → those that overlays ask for
    overlays  flag key → what experiments that run here lay over it; flags without any left out
    """

    environment: Environment
    number: int
    flags: Mapping[str, Served]
    segments: Mapping[str, Membership] = {}
    overlays: Mapping[str, tuple[Overlay, ...]] = {}

    @property
    def id(self) -> Id:
        """The environment's id: what keys and events lead to."""
        return self.environment.id


def snapshot(
    environment: Environment,
    number: int,
    flags: Iterable[Flag],
    versions: Mapping[str, int],
    experiments: Iterable[Experiment],
    before: Snapshot | None = None,
) -> Snapshot:
    """What the environment serves.

    flags        of its project
    versions     flag key → its version in this environment; 1 where nothing was ever changed
    experiments  of its project; those that do not run here lay nothing over anything
    before       what the same environment served before: what is made of the same stays the same object
    """
    overlays: dict[str, tuple[Overlay, ...]] = {}
    for overlay in map(overlay_of, experiments):
        if overlay is not None and overlay.environment == environment.key:
            overlays[overlay.flag] = (*overlays.get(overlay.flag, ()), overlay)
    known = before.flags if before else {}
    moved = _moved(before.overlays if before else {}, overlays)
    served: dict[str, Served] = {}
    for flag in flags:
        if flag.archived_at is not None:
            continue
        key, version, there = flag.key, versions.get(flag.key, 1), known.get(flag.key)
        if there is None or there.flag is not flag or there.version != version or key in moved:
            there = Served(
                flag, overlaid(flag.in_environment(environment.key), overlays.get(key, ())), version
            )
        served[key] = there
    asked = memberships_of(chain.from_iterable(overlays.values()))
    return Snapshot(environment, number, served, {each.key: each for each in asked}, overlays)


def _moved(
    before: Mapping[str, tuple[Overlay, ...]], now: Mapping[str, tuple[Overlay, ...]]
) -> frozenset[str]:
    """Keys of the flags over which something else is laid than before."""
    return frozenset(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
