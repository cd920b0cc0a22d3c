"""Which experiment an exposure belongs to: what lay over the rule of the flag under the version it names."""

from msgspec import Struct

from equipoise.application.availability import available
from equipoise.application.ports import AsOf, Reader, space_of
from equipoise.application.serving import Key
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Id, Place

CACHED_MAX = 20_000

NO_ENVIRONMENT = "no environment"
NO_EXPERIMENT = "no experiment"
NO_FLAG = "no flag"
NO_UNIT = "no unit"
NO_VARIATION = "no variation"
NOT_AVAILABLE = "not available"


class Traced(Struct, frozen=True):
    """Where exposures of one (flag, version, rule) lead.

    cause  why they lead nowhere; "" when they do
    unit   context kind that was randomised
    arms   ids of the flag's variations at that version, by index
    keys   kinds of keys that the flag was available to
    """

    cause: str = ""
    experiment: Id = ""
    iteration: Id = ""
    phase: int = 0
    unit: str = ""
    arms: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Attribution:
    """Remembers where exposures lead; what was true of a version stays true. One reader after the other."""

    def __init__(self) -> None:
        self._known: dict[tuple[Id, str, int, str], Traced] = {}

    def trace(self, reader: Reader, environment: Id, flag: str, version: int, rule: str) -> Traced:
        name = (environment, flag, version, rule)
        known = self._known.get(name)
        if known is not None:
            return known
        found, lasting = _trace(reader, environment, flag, version, rule)
        if lasting:
            if len(self._known) >= CACHED_MAX:
                self._known.clear()
            self._known[name] = found
        return found


def _trace(reader: Reader, environment: Id, key: str, version: int, rule: str) -> tuple[Traced, bool]:
    """And whether it will never change: not so for what is not there yet."""
    home = reader.find(ENVIRONMENT, environment)
    if home is None:
        return Traced(NO_ENVIRONMENT), False
    if version > reader.number(space_of(home.project)):
        return Traced(NO_EXPERIMENT), False
    laid = reader.laid(home.territory, key, rule, version)
    if laid is None:
        return Traced(NO_EXPERIMENT), True
    flag = reader.named(FLAG, Place(home.project), key, AsOf(number=version))
    if flag is None:
        return Traced(NO_FLAG), True
    arms = tuple(variation.id for variation in flag.variations)
    keys = tuple(key for key in Key if available(flag, key))
    return Traced("", laid.experiment, laid.iteration, laid.phase, laid.unit, arms, keys), True
