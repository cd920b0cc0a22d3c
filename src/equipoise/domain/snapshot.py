"""What an environment serves at one moment: the input of every ruleset and every payload."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from equipoise.domain.environment.state import Environment
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag, Targeting
from equipoise.domain.identity import Id
from equipoise.domain.overlay import memberships_of, overlaid, overlay_of
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
    segments  key → those that overlays ask for; what a key stands for never changes
    """

    environment: Environment
    number: int
    flags: Mapping[str, Served]
    segments: Mapping[str, Membership] = {}

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
) -> Snapshot:
    """What the environment serves.

    flags        of its project
    versions     flag key → its version in this environment; 1 where nothing was ever changed
    experiments  of its project; those that do not run here lay nothing over anything
    """
    overlays = [overlay for overlay in map(overlay_of, experiments) if overlay is not None]
    here = [overlay for overlay in overlays if overlay.environment == environment.key]
    return Snapshot(
        environment,
        number,
        {
            flag.key: Served(
                flag,
                overlaid(
                    flag.in_environment(environment.key), [each for each in here if each.flag == flag.key]
                ),
                versions.get(flag.key, 1),
            )
            for flag in flags
            if flag.archived_at is None
        },
        {each.key: each for overlay in here for each in memberships_of(overlay)},
    )
