"""The change log: audit trail, outbox and clock of delivery, numbered without gaps within a space."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.application.ports import INSTANCE_SPACE, AsOf, Entry, LogRow, space_of
from equipoise.domain.change import Noun, Outcome, State
from equipoise.domain.identity import Id, Place
from equipoise.domain.nouns import NOUNS
from equipoise.storage.prepared import Prepared
from equipoise.storage.spaces import revision, space
from equipoise.storage.tables import change_log, counters

S = TypeVar("S", bound=State)

NUMBER_MAX = 2**63 - 1

_g = change_log.c

_given = upsert(counters).values(space=bindparam("of_space"), number=bindparam("many"))
_TAKE = Prepared(
    _given.on_conflict_do_update(
        index_elements=[counters.c.space],
        set_={"number": counters.c.number + _given.excluded.number},
    ).returning(counters.c.number)
)
_NUMBER = select(counters.c.number).where(counters.c.space == bindparam("of_space"))
_NUMBERS = select(counters.c.space, counters.c.number)
_APPEND = Prepared(insert(change_log).inline(), tuple(column.name for column in _g if column.name != "row"))
_STORY = (
    select(*(column for column in change_log.c if column is not _g.row))
    .where(_g.id == bindparam("of_id"), _g.noun == bindparam("of_noun"), _g.number < bindparam("before"))
    .order_by(_g.row.desc())
    .limit(bindparam("most"))
)
_HISTORY = (
    select(*(column for column in change_log.c if column is not _g.row))
    .where(_g.space == bindparam("of_space"), _g.number > bindparam("after"))
    .order_by(_g.number)
    .limit(bindparam("most"))
)

# Rows of a space come in the order of its numbers, so a number is a place among all rows: what another
# space numbered before the next one counts too. So the birth of a project, which is the instance's.
_next = (
    select(_g.row)
    .where(_g.space == bindparam("of_space"), _g.number > bindparam("of_number"))
    .order_by(_g.number)
    .limit(1)
    .scalar_subquery()
)
_THEN = _g.row < func.coalesce(_next, literal_column(str(NUMBER_MAX)))
_SINCE = _g.at <= bindparam("of_at", type_=BigInteger)
# The past of a project that was made again begins with its latest birth: a key is no inheritance.
_born = change_log.alias("born")
_birth = (
    select(func.max(_born.c.row))
    .where(
        _born.c.noun == "project",
        _born.c.key == bindparam("of_home"),
        _born.c.revision == literal_column("1"),
    )
    .scalar_subquery()
)
_THIS_PROJECT = _g.row >= func.coalesce(_birth, 0)
_IDS = select(_g.id).where(
    _g.noun == bindparam("of_noun"),
    _g.project == bindparam("of_project"),
    _g.environment == bindparam("of_environment"),
    _g.key == bindparam("of_key"),
    _g.revision == literal_column("1"),  # said, not bound, so that the index of births is used
    _THIS_PROJECT,
)
_ONE = and_(_g.noun == bindparam("of_noun"), _g.id == bindparam("of_id"))
_NAMED = and_(_g.noun == bindparam("of_noun"), _g.id.in_(_IDS))
_PAST = {
    (which, when): select(_g.state).where(subject, point).order_by(_g.row.desc()).limit(1)
    for which, subject in (("id", _ONE), ("key", _NAMED))
    for when, point in (("number", _THEN), ("at", _SINCE))
}
_OF_PROJECT = and_(_g.noun == bindparam("of_noun"), _g.project == bindparam("of_project"), _THIS_PROJECT)
_ALL_PAST = {
    when: select(_g.state).where(
        _g.row.in_(select(func.max(_g.row)).where(_OF_PROJECT, point).group_by(_g.id)),
        _g.state.is_not(None),
    )
    for when, point in (("number", _THEN), ("at", _SINCE))
}
_WHOSE = select(_g.project, _g.key).where(_ONE).order_by(_g.row.desc()).limit(1)


class Log:
    """The change log within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def number(self, space: str) -> int:
        found = self.connection.execute(_NUMBER, {"of_space": space}).scalar()
        return found or 0

    def numbers(self) -> dict[str, int]:
        return {row.space: row.number for row in self.connection.execute(_NUMBERS)}

    def history(self, space: str, after: int, limit: int) -> tuple[LogRow, ...]:
        asked = {"of_space": space, "after": after, "most": limit}
        return tuple(_row(row) for row in self.connection.execute(_HISTORY, asked))

    def story(self, noun: Noun[Any], id: Id, before: int | None, limit: int) -> tuple[LogRow, ...]:
        end = NUMBER_MAX if before is None else min(before, NUMBER_MAX)
        asked = {"of_id": id, "of_noun": noun.name, "before": end, "most": limit}
        return tuple(_row(row) for row in self.connection.execute(_STORY, asked))

    def find(self, noun: Noun[S], id: Id, as_of: AsOf) -> S | None:
        asked = {"of_noun": noun.name, "of_id": id}
        whose = self.connection.execute(_WHOSE, asked).first()
        if whose is None:
            return None
        return self._past(noun, "id", asked, _space(noun.name, *whose), as_of)

    def named(self, noun: Noun[S], place: Place, key: str, as_of: AsOf) -> S | None:
        """The state of whatever was born under that key."""
        asked = {
            "of_noun": noun.name,
            "of_project": place.project,
            "of_environment": place.environment,
            "of_key": key,
            "of_home": key if noun.name == "project" else place.project,
        }
        return self._past(noun, "key", asked, _space(noun.name, place.project, key), as_of)

    def past(self, noun: Noun[S], project: str, as_of: AsOf) -> tuple[S, ...]:
        """All of a project, as they were."""
        asked = {"of_noun": noun.name, "of_project": project, "of_home": project}
        when, point = _point(as_of, space_of(project))
        rows = self.connection.execute(_ALL_PAST[when], {**asked, **point})
        return tuple(noun.decode(state) for (state,) in rows)

    def _past(self, noun: Noun[S], which: str, asked: dict[str, Any], space: str, as_of: AsOf) -> S | None:
        when, point = _point(as_of, space)
        found = self.connection.execute(_PAST[which, when], {**asked, **point}).scalar()
        return None if found is None else noun.decode(found)

    def append(
        self, outcomes: Sequence[Outcome[Any]], documents: Sequence[str | None], entry: Entry
    ) -> tuple[int, ...]:
        """Takes a number for each, waiting for whoever took the last, and writes the rows.

        documents  the states after, encoded; None where it is gone
        """
        spaces = [space(outcome) for outcome in outcomes]
        wanted = Counter(spaces)
        next_in = {name: self._take(name, wanted[name]) for name in sorted(wanted)}
        numbers = []
        for name in spaces:
            next_in[name] += 1
            numbers.append(next_in[name])
        for outcome, name, number, document in zip(outcomes, spaces, numbers, documents, strict=True):
            _APPEND.run(self.connection, _values(outcome, name, number, document, entry))
        return tuple(numbers)

    def _take(self, space: str, many: int) -> int:
        """Takes so many numbers; the last that was taken before."""
        row = _TAKE.run(self.connection, {"of_space": space, "many": many}).fetchone()
        return int(row[0]) - many


def _point(as_of: AsOf, space: str) -> tuple[str, dict[str, Any]]:
    if as_of.number is not None:
        return "number", {"of_space": space, "of_number": as_of.number}
    return "at", {"of_at": as_of.at}


def _space(noun: str, project: str, key: str) -> str:
    name = key if noun == "project" else project
    return space_of(name) if name else INSTANCE_SPACE


def _values(
    outcome: Outcome[Any], space: str, number: int, document: str | None, entry: Entry
) -> dict[str, Any]:
    noun, id = outcome.subject
    state = outcome.state
    return {
        "space": space,
        "number": number,
        "at": entry.at,
        "noun": noun,
        "id": id,
        "project": state.place.project,
        "environment": state.place.environment,
        "key": state.key,
        "revision": revision(outcome),
        "events": msgspec.json.encode(outcome.events).decode(),
        "state": document,
        "principal": entry.principal,
        "surface": entry.surface,
        "comment": entry.comment,
        "request": entry.request,
    }


def _row(row: Row[Any]) -> LogRow:
    noun = NOUNS[row.noun]
    return LogRow(
        space=row.space,
        number=row.number,
        at=row.at,
        noun=row.noun,
        id=row.id,
        place=Place(row.project, row.environment),
        key=row.key,
        revision=row.revision,
        events=noun.decode_events(row.events),
        state=None if row.state is None else noun.decode(row.state),
        principal=row.principal,
        surface=row.surface,
        comment=row.comment,
        request=row.request,
    )
