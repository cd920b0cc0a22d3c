"""What is delivered of a flag: the number of its last change in each environment, and which phase of
which experiment lay over which rule from when to when.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.application.lake import Laid
from equipoise.domain.change import Outcome
from equipoise.domain.identity import Place
from equipoise.domain.overlay import ALL, Overlay, environments_touched, overlay_of
from equipoise.storage.tables import TEXT, flag_versions, overlay_history, subjects

_v, _o, _s = flag_versions.c, overlay_history.c, subjects.c
_VERSION = ("project", "environment", "flag", "version")

_VERSIONS = select(_v.flag, _v.environment, _v.version).where(_v.project == bindparam("of_project"))
_VERSIONS_OF = _VERSIONS.where(_v.flag.in_(bindparam("of_flags", expanding=True)))
NAMED_MAX = 100  # above it, the whole project is read: so many names cost more than the rows


def _setting(values: Any) -> Any:
    given = upsert(flag_versions)
    given = given.from_select(_VERSION, values) if values is not None else given
    return given.on_conflict_do_update(
        index_elements=[_v.project, _v.flag, _v.environment],
        set_={"version": given.excluded.version},
    ).inline()


_project, _flag, _environment = (
    bindparam(f"of_{name}", type_=TEXT) for name in ("project", "flag", "environment")
)
_number = bindparam("number", type_=BigInteger)
_SET = _setting(None)
_SET_IN_ALL = _setting(  # one flag, every environment of the project
    select(_s.project, _s.key, _flag, _number).where(_s.noun == "environment", _s.project == _project)
)
_SET_OF_ALL = _setting(  # every flag of the project, one environment
    select(_s.project, _environment, _s.key, _number).where(_s.noun == "flag", _s.project == _project)
)
_CLOSE = (
    update(overlay_history)
    .where(
        _o.project == bindparam("of_project"),
        _o.environment == bindparam("of_environment"),
        _o.flag == bindparam("of_flag"),
        _o.experiment == bindparam("of_experiment"),
        _o.to_number.is_(None),
    )
    .values(to_number=bindparam("number"))
)
_OPEN = insert(overlay_history).inline()
_LAID = select(_o.experiment, _o.iteration, _o.phase, _o.unit).where(
    _o.project == bindparam("of_project"),
    _o.environment == bindparam("of_environment"),
    _o.flag == bindparam("of_flag"),
    _o.rule == bindparam("of_rule"),
    _o.from_number <= bindparam("version"),
    or_(_o.to_number.is_(None), _o.to_number > bindparam("version")),
)


class Overlays:
    """Flag versions and overlay history within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def versions(self, project: str, flags: Sequence[str]) -> dict[tuple[str, str], int]:
        if not flags:
            return {}
        asked: dict[str, Any] = {"of_project": project}
        if len(flags) > NAMED_MAX:
            wanted = set(flags)
            rows = self.connection.execute(_VERSIONS, asked)
            return {(row.flag, row.environment): row.version for row in rows if row.flag in wanted}
        rows = self.connection.execute(_VERSIONS_OF, {**asked, "of_flags": list(flags)})
        return {(row.flag, row.environment): row.version for row in rows}

    def laid(self, place: Place, flag: str, rule: str, version: int) -> Laid | None:
        asked = {
            "of_project": place.project,
            "of_environment": place.environment,
            "of_flag": flag,
            "of_rule": rule,
            "version": version,
        }
        found = self.connection.execute(_LAID, asked).first()
        return None if found is None else Laid(*found)

    def record(self, outcomes: Iterable[tuple[Outcome[Any], int]]) -> None:
        """What each change, with its number, does to what is delivered."""
        for outcome, number in outcomes:
            match outcome.noun.name:
                case "flag":
                    self._flag(outcome, number)
                case "environment" if outcome.before is None:
                    self._environment(outcome, number)
                case "experiment":
                    self._experiment(outcome, number)

    def _flag(self, outcome: Outcome[Any], number: int) -> None:
        touched = environments_touched(outcome.before, outcome.after)
        flag = outcome.state
        if touched is ALL:
            asked = {"of_project": flag.project, "of_flag": flag.key, "number": number}
            self.connection.execute(_SET_IN_ALL, asked)
            return
        for environment in sorted(touched):
            self._set(flag.project, environment, flag.key, number)

    def _environment(self, outcome: Outcome[Any], number: int) -> None:
        environment = outcome.state
        asked = {
            "of_project": environment.project,
            "of_environment": environment.key,
            "number": number,
        }
        self.connection.execute(_SET_OF_ALL, asked)

    def _experiment(self, outcome: Outcome[Any], number: int) -> None:
        before = None if outcome.before is None else overlay_of(outcome.before)
        after = None if outcome.after is None else overlay_of(outcome.after)
        if before == after:
            return
        if before is not None:
            self.connection.execute(_CLOSE, {**_where(before), "number": number})
        if after is not None:
            self.connection.execute(_OPEN, [_row(after, rule, number) for rule in after.rules])
        flags = {(each.project, each.environment, each.flag) for each in (before, after) if each}
        for flag in sorted(flags):
            self._set(*flag, number)

    def _set(self, project: str, environment: str, flag: str, version: int) -> None:
        row = dict(zip(_VERSION, (project, environment, flag, version), strict=True))
        self.connection.execute(_SET, row)


def _where(overlay: Overlay) -> dict[str, str]:
    return {
        "of_project": overlay.project,
        "of_environment": overlay.environment,
        "of_flag": overlay.flag,
        "of_experiment": overlay.experiment,
    }


def _row(overlay: Overlay, rule: str, number: int) -> dict[str, Any]:
    return {
        "project": overlay.project,
        "environment": overlay.environment,
        "flag": overlay.flag,
        "rule": rule,
        "from_number": number,
        "experiment": overlay.experiment,
        "iteration": overlay.iteration,
        "phase": overlay.phase,
        "unit": overlay.unit,
    }
