"""What stands around an experiment: its project, its flag, the metrics. Read once, when first asked for."""

from collections.abc import Iterable

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Conflict
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.state import Metric
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project


class Setting:
    """The surroundings of an experiment at a place, within one change."""

    def __init__(self, world: World, place: Place) -> None:
        self.world, self.place = world, place
        self._project: Project | None = None
        self._metrics: dict[str, Metric | None] = {}
        self._stale: list[tuple[str, str]] = []

    @property
    def project(self) -> Project:
        """raises Missing"""
        if self._project is None:
            self._project = self.world.named(PROJECT, INSTANCE, self.place.project)
        return self._project

    def found(self) -> None:
        """Reads project and environment, so that neither goes while this change is decided. raises Missing"""
        self.world.named(ENVIRONMENT, Place(self.project.key), self.place.environment)

    def flag(self, key: str) -> Flag | None:
        """As it is by now: a change may touch it and ask again."""
        return self.world.peek(FLAG, Place(self.place.project), key)

    def metrics(self, keys: Iterable[str]) -> dict[str, Metric]:
        """Those of these keys that there are."""
        asked = tuple(dict.fromkeys(keys))
        unread = tuple(key for key in asked if key not in self._metrics)
        if unread:
            page = self.world.select(METRIC, Query(Place(self.place.project), keys=unread))
            self._metrics |= dict.fromkeys(unread)
            self._metrics |= {metric.key: metric for metric in page.items}
        known = {key: self._metrics[key] for key in asked}
        return {key: metric for key, metric in known.items() if metric is not None}

    def holdout(self, said: str) -> Holdout | None:
        """The holdout of the environment of this id, or of this key, unless it has ended."""
        found = self.world.find(HOLDOUT, said)
        if found is None or found.place != self.place:
            found = self.world.peek(HOLDOUT, self.place, said)
        return found if found is not None and found.ended_at is None else None

    def expect(self, flag: str, version: int) -> None:
        """Notes when this is no longer the flag's version here; `fresh` tells, once all else is well."""
        versions = self.world.versions(self.place.project, (flag,))
        if versions.get((flag, self.place.environment), 0) != version:
            self._stale.append(("flag", flag))

    def fresh(self) -> None:
        """raises Conflict when a flag's version that was expected has passed"""
        if self._stale:
            raise Conflict(*self._stale)
