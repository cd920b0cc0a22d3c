"""Every noun's present state, with what it can be found by and what it claims."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from equipoise.application.ports import LostRace, Page, Query
from equipoise.domain.change import Facets, Noun, Outcome, State
from equipoise.domain.errors import Held
from equipoise.domain.identity import Id, Place
from equipoise.storage.decoded import Decoded
from equipoise.storage.listing import answerable, by_keys_alone, conditions, ordered, storable
from equipoise.storage.prepared import Prepared
from equipoise.storage.tables import claims, links, subjects

S = TypeVar("S", bound=State)

LOCKED_AT_ONCE = 5_000  # both databases take some 32,000 parameters in one statement

_s, _l, _c = subjects.c, links.c, claims.c
_COLUMNS = (_s.id, _s.revision, _s.state)
_SUBJECT = and_(_s.noun == bindparam("of_noun"), _s.id == bindparam("of_id"))

_BY_ID = Prepared(select(*_COLUMNS).where(_SUBJECT))
_KEYED = and_(
    _s.noun == bindparam("of_noun"),
    _s.project == bindparam("of_project"),
    _s.environment == bindparam("of_environment"),
    _s.key == bindparam("of_key"),
)
_BY_KEY = Prepared(select(*_COLUMNS).where(_KEYED))
_LINKED = and_(
    _l.noun == bindparam("of_noun"),
    _l.relation == bindparam("of_relation"),
    _l.target == bindparam("of_target"),
)
_LINKING = select(*_COLUMNS).join_from(links, subjects, and_(_s.noun == _l.noun, _s.id == _l.id))
_BY_LINK = Prepared(_LINKING.where(_LINKED).order_by(_s.id).limit(literal_column("1")))
_SEIZED = Prepared(select(_s.id, _s.revision).where(_KEYED).with_for_update())
_LOCKED = (
    select(_s.noun, _s.id, _s.revision)
    .where(tuple_(_s.noun, _s.id).in_(bindparam("asked", expanding=True)))
    .order_by(_s.noun, _s.id)
    .with_for_update()
)
_INSERT = insert(subjects).inline()
_SET = ("key", "name", "status", "archived", "revision", "searched", "state")
_UPDATE = Prepared(update(subjects).where(_SUBJECT, _s.revision == bindparam("of_revision")), _SET)
_DELETE = Prepared(delete(subjects).where(_SUBJECT, _s.revision == bindparam("of_revision")))

_INSERT_LINKS = insert(links).inline()
_DELETE_LINKS = delete(links).where(_l.noun == bindparam("of_noun"), _l.id == bindparam("of_id"))
_CLAIM = and_(
    _c.project == bindparam("of_project"),
    _c.environment == bindparam("of_environment"),
    _c.claim == bindparam("of_claim"),
)
_HOLDER = select(_c.noun, _c.id, _c.key).where(_CLAIM)
_INSERT_CLAIM = insert(claims).inline()
_DELETE_CLAIM = delete(claims).where(_CLAIM, _c.noun == bindparam("of_noun"), _c.id == bindparam("of_id"))

_NONE = Facets()


def _age(state: State) -> tuple[int, Id]:
    return getattr(state, "created_at", 0), state.id


class Subjects:
    """Subjects within one transaction. The unit of work commits; this class never does.

    written  what this transaction changed, with the documents after; None where it is gone
    """

    def __init__(self, connection: Connection, decoded: Decoded) -> None:
        self.connection, self.decoded = connection, decoded
        self.written: dict[tuple[str, Id], tuple[Outcome[Any], str | None]] = {}

    # reading

    def find(self, noun: Noun[S], id: Id) -> S | None:
        if not storable(id):
            return None
        asked = {"of_noun": noun.name, "of_id": id}
        return self._one(noun, _BY_ID.run(self.connection, asked).fetchone())

    def named(self, noun: Noun[S], place: Place, key: str) -> S | None:
        if not storable(place.project, place.environment, key):
            return None
        return self._one(noun, _BY_KEY.run(self.connection, _keyed(noun, place, key)).fetchone())

    def linked(self, noun: Noun[S], relation: str, target: str) -> S | None:
        if not storable(target):
            return None
        asked = {"of_noun": noun.name, "of_relation": relation, "of_target": target}
        return self._one(noun, _BY_LINK.run(self.connection, asked).fetchone())

    def select(self, noun: Noun[S], query: Query) -> Page[S]:
        if not answerable(query):
            return Page((), 0)
        if by_keys_alone(query):
            found = (self.named(noun, query.place, key) for key in dict.fromkeys(query.keys or ()))
            items = tuple(sorted((state for state in found if state is not None), key=_age))
            return Page(items, len(items))
        asked = conditions(noun.name, query)
        rows = self.connection.execute(ordered(select(*_COLUMNS).where(*asked), query)).all()
        items = tuple(self._state(noun, row) for row in rows)
        full = query.limit is not None and len(items) >= query.limit
        if not full and (items or not query.offset):
            return Page(items, query.offset + len(items))
        counting = select(func.count()).select_from(subjects).where(*asked)
        return Page(items, self.connection.execute(counting).scalar_one())

    def _one(self, noun: Noun[S], row: Any) -> S | None:
        return None if row is None else self._state(noun, row)

    def _state(self, noun: Noun[S], row: Any) -> S:
        id, revision, document = row
        if (noun.name, id) in self.written:  # not committed, so not to be kept
            return noun.decode(document)
        return self.decoded.of(noun, id, revision, document)

    # writing

    def seize(self, noun: Noun[Any], place: Place, key: str) -> dict[tuple[str, Id], int]:
        """Locks the subject of that key; its revision, if it is there."""
        if not storable(place.project, place.environment, key):
            return {}
        row = _SEIZED.run(self.connection, _keyed(noun, place, key)).fetchone()
        return {} if row is None else {(noun.name, row[0]): row[1]}

    def lock(self, asked: Iterable[tuple[str, Id]]) -> dict[tuple[str, Id], int]:
        """Locks these in (noun, id) order; the revisions of those that are there."""
        wanted = sorted(set(asked))
        found: dict[tuple[str, Id], int] = {}
        for start in range(0, len(wanted), LOCKED_AT_ONCE):
            some = wanted[start : start + LOCKED_AT_ONCE]
            rows = self.connection.execute(_LOCKED, {"asked": some})
            found.update({(noun, id): revision for noun, id, revision in rows})
        return found

    def save(self, outcomes: Sequence[Outcome[Any]]) -> list[str | None]:
        """Writes what changed of each; their documents, None for what is gone.

        raises  LostRace, Held
        """
        facets = [
            (outcome, _facets(outcome, outcome.before), _facets(outcome, outcome.after))
            for outcome in outcomes
        ]
        try:
            for outcome, before, after in facets:
                self._release(outcome, before, after)
            for outcome, before, after in facets:
                self._write(outcome, before, after)
        except IntegrityError as error:
            raise LostRace(*(outcome.subject for outcome in outcomes)) from error
        return [self.written[outcome.subject][1] for outcome in outcomes]

    def _release(self, outcome: Outcome[Any], before: Facets, after: Facets) -> None:
        """What goes, goes first, so that another may take it in the same change."""
        noun, id = outcome.subject
        for claim in before.claims:
            if claim not in after.claims:
                self.connection.execute(
                    _DELETE_CLAIM, {**_claim(outcome, claim), "of_noun": noun, "of_id": id}
                )
        if before.links and before.links != after.links:
            self.connection.execute(_DELETE_LINKS, {"of_noun": noun, "of_id": id})
        if outcome.after is None:
            self._compare_and_set(_DELETE, outcome, {})
            self.written[noun, id] = outcome, None

    def _write(self, outcome: Outcome[Any], before: Facets, after: Facets) -> None:
        if outcome.after is None:
            return
        noun, id = outcome.subject
        values = _values(outcome, after)
        if outcome.before is None or outcome.before.key != outcome.after.key:
            self._check_key(outcome)
        if outcome.before is None:
            self.connection.execute(_INSERT, {**_born(outcome, after), **values})
        else:
            self._compare_and_set(_UPDATE, outcome, values)
        self.written[noun, id] = outcome, values["state"]
        if after.links and after.links != before.links:
            named = dict.fromkeys(after.links)
            self.connection.execute(
                _INSERT_LINKS,
                [{"noun": noun, "id": id, "relation": name, "target": key} for name, key in named],
            )
        for claim in dict.fromkeys(after.claims):
            if claim not in before.claims:
                self._claim(outcome, claim)

    def _check_key(self, outcome: Outcome[Any]) -> None:
        state = outcome.state
        if self.named(outcome.noun, state.place, state.key) is not None:
            raise Held(f"create {outcome.called}", "the key is taken")

    def _compare_and_set(self, statement: Prepared, outcome: Outcome[Any], values: dict[str, Any]) -> None:
        (noun, id), before = outcome.subject, outcome.before
        assert before is not None
        asked = {"of_noun": noun, "of_id": id, "of_revision": before.revision}
        if statement.run(self.connection, {**asked, **values}).rowcount != 1:
            raise LostRace(outcome.subject)

    def _claim(self, outcome: Outcome[Any], claim: str) -> None:
        state = outcome.state
        holder = self.connection.execute(_HOLDER, _claim(outcome, claim)).first()
        if holder is not None:
            action = f"change {outcome.called}"
            raise Held(action, f"{_said(claim)} is under {holder.noun} {holder.key}", state.place)
        self.connection.execute(
            _INSERT_CLAIM,
            {
                "project": state.place.project,
                "environment": state.place.environment,
                "claim": claim,
                "noun": outcome.noun.name,
                "id": state.id,
                "key": state.key,
            },
        )

    def learn(self) -> None:
        """Keeps what was written, decoded; for after the commit."""
        for (_, id), (outcome, document) in self.written.items():
            if document is not None:
                self.decoded.put(outcome.noun, id, outcome.after, len(document))


def _keyed(noun: Noun[Any], place: Place, key: str) -> dict[str, str]:
    return {
        "of_noun": noun.name,
        "of_project": place.project,
        "of_environment": place.environment,
        "of_key": key,
    }


def _facets(outcome: Outcome[Any], state: Any) -> Facets:
    return _NONE if state is None else outcome.noun.facets(state)


def _born(outcome: Outcome[Any], facets: Facets) -> dict[str, Any]:
    noun, id = outcome.subject
    place = outcome.state.place
    return {
        "noun": noun,
        "id": id,
        "project": place.project,
        "environment": place.environment,
        "created_at": facets.created_at,
    }


def _values(outcome: Outcome[Any], facets: Facets) -> dict[str, Any]:
    state = outcome.state
    return {
        "key": state.key,
        "name": facets.name,
        "status": facets.status,
        "archived": facets.archived,
        "revision": state.revision,
        "searched": outcome.noun.searched(state),
        "state": outcome.noun.encode(state).decode(),
    }


def _claim(outcome: Outcome[Any], claim: str) -> dict[str, str]:
    place = outcome.state.place
    return {
        "of_project": place.project,
        "of_environment": place.environment,
        "of_claim": claim,
    }


def _said(claim: str) -> str:
    kind, *named = claim.split(":", 2)
    return f"rule {named[1]} of flag {named[0]}" if kind == "rule" else claim.replace(":", " ", 1)
