"""The world as an intent finds it: present state, with what the change has decided so far laid over it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from equipoise.application.ports import AsOf, Page, Query, Reader, Vault
from equipoise.domain.change import Command, Moment, Noun, Outcome, State, apply, merge
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import ACTIVE, Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id, Place
from equipoise.security.permissions import permit
from equipoise.security.principals import Principal
from equipoise.security.tokens import SECRET_BYTES, digest, spell

S = TypeVar("S", bound=State)


class World:
    """What one request sees. Reads are remembered, so that the desk can compare their revisions.

    A state that lies outside what the principal is confined to is missing.
    """

    def __init__(
        self,
        reader: Reader,
        moment: Moment,
        principal: Principal,
        vault: Vault,
        entropy: Callable[[int], bytes],
        as_of: AsOf | None = None,
    ) -> None:
        self.reader = reader
        self.moment = moment
        self.principal = principal
        self._vault, self._entropy, self._as_of = vault, entropy, as_of
        self._outcomes: dict[tuple[str, Id], Outcome[Any]] = {}
        self._read: dict[tuple[str, Id], int] = {}
        self._listed: list[tuple[Noun[Any], Query, frozenset[Id]]] = []
        self._deciding = True

    # reading

    def named(self, noun: Noun[S], place: Place, key: str) -> S:
        """The state of that key. raises Missing"""
        state = self.peek(noun, place, key)
        if state is None:
            raise Missing(noun.name, key)
        return state

    def peek(self, noun: Noun[S], place: Place, key: str) -> S | None:
        """The state of that key, or None."""
        for outcome in self._of(noun):
            if outcome.state.place == place and outcome.state.key == key:
                return outcome.after
        return self._seen(noun, self.reader.named(noun, place, key, self._as_of))

    def get(self, noun: Noun[S], id: Id) -> S:
        """The state of that id. raises Missing"""
        state = self.find(noun, id)
        if state is None:
            raise Missing(noun.name, id)
        return state

    def find(self, noun: Noun[S], id: Id) -> S | None:
        """The state of that id, or None."""
        staged = self._outcomes.get((noun.name, id))
        if staged is not None:
            after: S | None = staged.after
            return after
        return self._seen(noun, self.reader.find(noun, id, self._as_of))

    def linked(self, noun: Noun[S], relation: str, target: str) -> S | None:
        """The state with this link, as it is stored and as this change leaves it; for what leads to one."""
        found = self._seen(noun, self.reader.linked(noun, relation, target))
        return None if found is None else self._staged(noun, found)

    def select(self, noun: Noun[S], query: Query) -> Page[S]:
        """A list, as stored, with what this change did to its members; what it made is not in it."""
        page = self.reader.select(noun, query)
        if self._deciding:
            self._listed.append((noun, query, frozenset(state.id for state in page.items)))
        seen = [self._seen(noun, state) for state in page.items]
        present = [self._staged(noun, state) for state in seen if state is not None]
        return Page(tuple(state for state in present if state is not None), page.total)

    def every(self, noun: Noun[S], project: str) -> tuple[S, ...]:
        """All that a project has of a noun, now or as of the point that is asked about, whoever may know of
        it: for what is worked out from them."""
        return self._present(noun, Query(Place(project), everywhere=True), lambda each: True)

    def of_keys(self, noun: Noun[S], project: str, keys: Iterable[str]) -> tuple[S, ...]:
        """Those of these keys, in any environment of a project, whoever may know of them."""
        wanted = tuple(dict.fromkeys(keys))
        query = Query(Place(project), everywhere=True, keys=wanted)
        return self._present(noun, query, lambda each: each.key in wanted) if wanted else ()

    def versions(self, project: str, flags: Iterable[str]) -> dict[tuple[str, str], int]:
        """(flag key, environment key) → version; of what is staged, the version is known after the commit."""
        return self.reader.versions(project, tuple(flags))

    # what guards ask

    def active_on(self, project: str, flag: str) -> tuple[Experiment, ...]:
        """Running or paused experiments on the flag, in any environment, as after this change."""
        return self._present(
            EXPERIMENT,
            Query(Place(project), everywhere=True, statuses=ACTIVE, links=(("flag", flag),)),
            lambda each: each.active and each.flag == flag,
        )

    def using(self, project: str, relation: str, key: str) -> tuple[Experiment, ...]:
        """Experiments that are not archived and are linked so, the oldest first, now as in the past."""
        link = (relation, key)
        found = self._present(
            EXPERIMENT,
            Query(Place(project), everywhere=True, archived=False, links=(link,)),
            lambda each: each.archived_at is None and link in EXPERIMENT.facets(each).links,
        )
        return tuple(sorted(found, key=lambda each: (each.created_at, each.id)))

    def active_in(self, project: str, environment: str | None) -> tuple[Experiment, ...]:
        """Running or paused experiments of the environment, or of the whole project where it is None."""
        return self._present(
            EXPERIMENT,
            Query(Place(project), everywhere=True, statuses=ACTIVE),
            lambda each: each.active and environment in (None, each.environment),
        )

    def flags_named(self, project: str, keys: Iterable[str]) -> tuple[Flag, ...]:
        return self.of_keys(FLAG, project, keys)

    def needing(self, project: str, flag: str) -> tuple[Flag, ...]:
        """Flags, not archived, of which some targeting needs this one first, as after this change."""
        link = ("prerequisite", flag)
        return self._present(
            FLAG,
            Query(Place(project), archived=False, links=(link,)),
            lambda each: each.archived_at is None and link in FLAG.facets(each).links,
        )

    # changing

    def stage(self, noun: Noun[S], subject: S | None, command: Command) -> Outcome[S]:
        """Decides a command on the subject as it is by now. raises DomainError"""
        known = None if subject is None else self._outcomes.get((noun.name, subject.id))
        now = subject if known is None else known.after
        outcome: Outcome[S] = apply(noun, now, command, self.moment)
        if outcome.events:
            earlier = self._outcomes.get(outcome.subject)
            self._outcomes[outcome.subject] = merge(earlier, outcome)
        return outcome

    @property
    def outcomes(self) -> tuple[Outcome[Any], ...]:
        """What was changed so far, by subject, in the order of first change."""
        return tuple(
            outcome
            for outcome in self._outcomes.values()
            if outcome.before is not None or outcome.after is not None  # not born and gone at once
        )

    @property
    def read(self) -> tuple[tuple[str, Id, int], ...]:
        """(noun, id, revision) of all that was read."""
        return tuple((noun, id, revision) for (noun, id), revision in self._read.items())

    def overtaken(self) -> bool:
        """Whether a list has a member by now that it had not when it was read.

        Asked once all that was read is held: what joins a list has read what the list is about (its project,
        the flag it needs), so it came before or waits. A member that left has lost its revision already.
        """
        return any(
            not known.issuperset(state.id for state in self.reader.select(noun, query).items)
            for noun, query, known in self._listed
        )

    def decided(self) -> None:
        """From here on reads are for showing and guarding; they decide nothing and are not remembered."""
        self._deciding = False

    # secrets

    def secret(self, kind: str) -> str:
        """A new secret: 256 random bits as text. Never derived from the moment."""
        return spell(kind, self._entropy(SECRET_BYTES))

    def seal(self, secret: str) -> SealedKey:
        return SealedKey(self._vault.seal(secret), digest(secret))

    def open(self, key: SealedKey) -> str:
        return self.unseal(key.sealed)

    def unseal(self, sealed: str) -> str:
        return self._vault.open(sealed)

    def permit(self, act: Any, place: Place) -> None:
        permit(self.principal, act, place)

    def _seen(self, noun: Noun[S], state: S | None) -> S | None:
        if state is None or not self.principal.sees(state.territory):
            return None
        if self._deciding:
            self._read.setdefault((noun.name, state.id), state.revision)
        return state

    def _of(self, noun: Noun[S]) -> Iterator[Outcome[S]]:
        return (outcome for (name, _), outcome in self._outcomes.items() if name == noun.name)

    def _staged(self, noun: Noun[S], state: S) -> S | None:
        outcome = self._outcomes.get((noun.name, state.id))
        return state if outcome is None else outcome.after

    def _present(self, noun: Noun[S], query: Query, holds: Callable[[S], bool]) -> tuple[S, ...]:
        """Those of a project of which this holds after the change; the query may find more, never fewer."""
        if self._as_of is not None:
            past = self.reader.past(noun, query.place.project, self._as_of)
            return tuple(each for each in past if holds(each))
        stored = self.reader.select(noun, query).items
        present = {each.id: self._staged(noun, each) for each in stored}
        present |= {each.state.id: each.after for each in self._of(noun)}
        return tuple(each for each in present.values() if each is not None and holds(each))
