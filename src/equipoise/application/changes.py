"""Every write of every surface: one intent, one transaction, one commit."""

from collections.abc import Callable, Generator, Iterable
from time import perf_counter, sleep
from typing import Any, Generic, TypeVar

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.ports import (
    Clock,
    Ended,
    Entropy,
    Entry,
    Kept,
    LostRace,
    Reader,
    Store,
    Transaction,
    Undo,
    Vault,
    Witness,
)
from equipoise.application.world import World
from equipoise.domain.change import Command, Moment, Noun, Outcome
from equipoise.domain.errors import Conflict, DomainError, Invalid, Reused, Stale, Unknown
from equipoise.domain.guards import guard
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.limits import CHANGE_ATTEMPTS_MAX
from equipoise.domain.token import TOKEN
from equipoise.security.permissions import Act, confine, permit
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import digest, same

R = TypeVar("R")

Step = tuple[Noun[Any], Any, Command]  # the noun, the subject (None: to be born), what is asked of it
Intent = Callable[[World], Generator[Step, Outcome[Any], R]]

ENTROPY_BYTES = 32
BACKOFF_SECONDS = 0.005


class Target(Struct, frozen=True):
    """The subject that a precondition speaks of, by key, or by id where the key is empty."""

    noun: Noun[Any]
    place: Place = INSTANCE
    key: str = ""
    id: str = ""


class Precondition(Struct, frozen=True):
    """If-Match: any of these revisions; None for any revision at all."""

    revisions: tuple[int, ...] | None


class Idempotency(Struct, frozen=True):
    """A key of the caller's, and what tells this request from another under the same key."""

    key: str
    fingerprint: str


class ChangeRequest(Struct, Generic[R], frozen=True):
    """A write that somebody asks for.

    credential  the secret as it came, "" for none; or a principal, where the instance acts for itself
    act, place  what the route does, where: permission is checked once, for these
    refuse      a refusal as the surface answers it, so that it can be kept under an idempotency key
    """

    credential: str | Principal
    act: Act
    place: Place
    intent: Intent[R]
    surface: str
    refuse: Callable[[DomainError], Answer]
    target: Target | None = None
    precondition: Precondition | None = None
    idempotency: Idempotency | None = None
    dry_run: bool = False
    comment: str = ""
    request: str = ""


Answering = Callable[[World, R], Answer]


class _Course(Struct):
    """What became of a change, gathered on its way."""

    ending: str = "unchanged"
    principal: str = ""
    outcomes: tuple[Outcome[Any], ...] = ()


class Desk:
    """Where every change is decided and settled."""

    def __init__(
        self, store: Store, clock: Clock, entropy: Entropy, vault: Vault, witness: Witness | None = None
    ) -> None:
        self.store, self.clock, self.entropy, self.vault = store, clock, entropy, vault
        self._witness = witness

    def change(self, request: ChangeRequest[R], answer: Answering[R]) -> Answer:
        """The answer to a write that is durable, or that was refused under an idempotency key.

        raises  DomainError; Conflict after CHANGE_ATTEMPTS_MAX lost races
        """
        began = perf_counter()
        course = _Course()
        try:
            return self._try(request, answer, course)
        except Exception as error:
            course.ending, course.outcomes = type(error).__name__, ()
            raise
        finally:
            if self._witness is not None:
                self._witness(_ended(request, course, perf_counter() - began))

    def _try(self, request: ChangeRequest[R], answer: Answering[R], course: _Course) -> Answer:
        moment = Moment(self.clock(), self.entropy(ENTROPY_BYTES))
        lost: tuple[tuple[str, str], ...] = ()
        for attempt in range(CHANGE_ATTEMPTS_MAX):
            sleep(attempt * BACKOFF_SECONDS)
            try:
                return self._attempt(request, answer, moment, lost, course)
            except LostRace as race:
                lost = tuple(sorted({*lost, *race.subjects}))
        raise Conflict(*lost)

    def _attempt(
        self,
        request: ChangeRequest[R],
        answer: Answering[R],
        moment: Moment,
        lost: tuple[tuple[str, str], ...],
        course: _Course,
    ) -> Answer:
        refusal: DomainError | None = None
        said = Answer(500)
        with self.store.write(lost) as transaction:
            principal = authenticate(transaction, request.credential, moment.at)
            course.principal = principal.token
            kept = _replay(transaction, principal, request, moment.at)
            if kept is not None:
                course.ending = "replayed"
                return kept
            world = World(transaction, moment, principal, self.vault, self.entropy)
            try:
                said = _decide(world, transaction, request, answer)
            except DomainError as error:
                refusal = error
                raise Undo from error
            course.outcomes = world.outcomes
            course.ending = "changed" if course.outcomes else "unchanged"
            if request.dry_run:
                course.ending = "previewed"
                raise Undo
            _keep(transaction, principal, request, said)
        if refusal is None:
            return said
        if request.idempotency is None or request.dry_run:
            raise refusal
        course.ending = type(refusal).__name__
        return self._keep_refusal(request, request.refuse(refusal), moment)

    def _keep_refusal(self, request: ChangeRequest[R], refused: Answer, moment: Moment) -> Answer:
        with self.store.write() as transaction:
            principal = authenticate(transaction, request.credential, moment.at)
            kept = _replay(transaction, principal, request, moment.at)
            if kept is not None:
                return kept
            _keep(transaction, principal, request, refused)
        return refused


def authenticate(reader: Reader, credential: str | Principal, now: int) -> Principal:
    """Who presents this secret. `now` in milliseconds since 1970.

    raises  Unknown when nobody does any more
    """
    if isinstance(credential, Principal):
        return credential
    hashed = digest(credential)
    token = reader.named(TOKEN, INSTANCE, hashed)
    if token is None or not same(token.digest, hashed):
        raise Unknown
    principal = bearer(token, now)
    if principal is None:
        raise Unknown
    return principal


def _ended(request: ChangeRequest[Any], course: _Course, seconds: float) -> Ended:
    return Ended(
        surface=request.surface,
        ending=course.ending,
        principal=course.principal,
        request=request.request,
        seconds=seconds,
        subjects=tuple((_name(outcome), outcome.state.revision) for outcome in course.outcomes),
    )


def _name(outcome: Outcome[Any]) -> str:
    """What people call a subject. A token's key is the digest of its secret, so it goes by its id."""
    state = outcome.state
    if outcome.noun == TOKEN:
        return f"token {state.id}"
    place = "" if state.place == INSTANCE else f"{state.place}/"
    return f"{outcome.noun.name} {place}{state.key}"


def _decide(
    world: World, transaction: Transaction, request: ChangeRequest[R], answer: Answering[R]
) -> Answer:
    permit(world.principal, request.act, request.place)
    _check_precondition(world, request)
    result = run(world, request.intent)
    world.decided()
    outcomes = world.outcomes
    changed = tuple(outcome.subject for outcome in outcomes if outcome.before is not None)
    transaction.hold(world.read, changed)
    for outcome in outcomes:
        confine(world.principal, outcome)
        guard(outcome, world)
    entry = Entry(
        at=world.moment.at,
        principal=world.principal.token,
        surface=request.surface,
        comment=request.comment,
        request=request.request,
    )
    if outcomes:
        transaction.settle(outcomes, entry)
    return answer(world, result)


def run(world: World, intent: Intent[R]) -> R:
    """Follows an intent step by step; what a step raises is thrown back at it, so that it may gather.

    raises  DomainError
    """
    steps = intent(world)
    try:
        noun, subject, command = next(steps)
        while True:
            try:
                outcome = world.stage(noun, subject, command)
            except Invalid as error:
                noun, subject, command = steps.throw(error)
            else:
                noun, subject, command = steps.send(outcome)
    except StopIteration as end:
        result: R = end.value
        return result


def steps(noun: Noun[Any], subject: Any, commands: Iterable[Command]) -> Generator[Step, Outcome[Any], None]:
    """Several commands on one subject."""
    for command in commands:
        yield noun, subject, command


def _check_precondition(world: World, request: ChangeRequest[Any]) -> None:
    if request.precondition is None:
        return
    target = request.target
    state = None
    if target is not None and target.key:
        state = world.peek(target.noun, target.place, target.key)
    elif target is not None:
        state = world.find(target.noun, target.id)
    revisions = request.precondition.revisions
    if state is None or (revisions is not None and state.revision not in revisions):
        name = target.key or target.id if target is not None else str(request.place)
        raise Stale(name, None if state is None else state.revision)


def _replay(
    transaction: Transaction, principal: Principal, request: ChangeRequest[Any], now: int
) -> Answer | None:
    asked = request.idempotency
    if asked is None or request.dry_run:
        return None
    kept = transaction.reserve(principal.token, asked.key, now)
    if kept is None:
        return None
    if kept.fingerprint != asked.fingerprint:
        raise Reused(asked.key)
    return kept.answer


def _keep(transaction: Transaction, principal: Principal, request: ChangeRequest[Any], said: Answer) -> None:
    asked = request.idempotency
    if asked is None:
        return
    body = said.body if said.kept is None else said.kept
    answer = Answer(said.status, body, said.headers, said.revision)
    transaction.keep(principal.token, asked.key, Kept(asked.fingerprint, answer))
