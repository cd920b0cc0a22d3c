"""Every write of every surface: one intent, one transaction, one commit."""

from time import perf_counter, sleep
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.authentication import authenticate
from equipoise.application.idempotency import keep, replay
from equipoise.application.intents import run
from equipoise.application.ports import (
    Clock,
    Ended,
    Entropy,
    Entry,
    LostRace,
    Store,
    Transaction,
    Undo,
    Vault,
    Witness,
)
from equipoise.application.requests import Answering, ChangeRequest
from equipoise.application.world import World
from equipoise.domain.change import Moment, Outcome
from equipoise.domain.errors import Conflict, DomainError, Held, Stale
from equipoise.domain.guards import guard
from equipoise.domain.identity import Place
from equipoise.domain.limits import CHANGE_ATTEMPTS_MAX
from equipoise.security.permissions import admit, confine, permit

R = TypeVar("R")

ENTROPY_BYTES = 32
BACKOFF_SECONDS = 0.005


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
            if attempt:
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
            principal = authenticate(transaction, self.vault, request.credential, moment.at)
            course.principal = principal.token
            admit(principal, request.act)  # before a replay: a token may come narrower than it was
            kept = replay(transaction, principal, request, moment.at)
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
                said = replace(said, revision=None)  # nobody's yet; the next change would take it
                raise Undo
            keep(transaction, principal, request, said)
        if refusal is None:
            return said
        if request.idempotency is None or request.dry_run:
            raise refusal
        course.ending = type(refusal).__name__
        return self._keep_refusal(request, request.refuse(refusal), moment)

    def _keep_refusal(self, request: ChangeRequest[R], refused: Answer, moment: Moment) -> Answer:
        with self.store.write() as transaction:
            principal = authenticate(transaction, self.vault, request.credential, moment.at)
            kept = replay(transaction, principal, request, moment.at)
            if kept is not None:
                return kept
            keep(transaction, principal, request, refused)
        return refused


def _ended(request: ChangeRequest[Any], course: _Course, seconds: float) -> Ended:
    return Ended(
        surface=request.surface,
        ending=course.ending,
        principal=course.principal,
        request=request.request,
        seconds=seconds,
        subjects=tuple((outcome.called, outcome.state.revision) for outcome in course.outcomes),
    )


def _decide(
    world: World, transaction: Transaction, request: ChangeRequest[R], answer: Answering[R]
) -> Answer:
    # Before a lock: others would wait for it.
    permit(world.principal, request.act, request.place, request.about)
    if request.target is not None:
        target = request.target
        transaction.seize(target.noun, target.place, target.key, target.id)
    _check_precondition(world, request)
    result = run(world, request.intent)
    world.decided()
    outcomes = world.outcomes
    changed = tuple(outcome.subject for outcome in outcomes if outcome.before is not None)
    transaction.hold(world.read, changed)
    if outcomes and world.overtaken():
        raise LostRace(*((noun, id) for noun, id, _ in world.read))
    for outcome in outcomes:
        confine(world.principal, outcome)
        _guard(outcome, world)
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


def _guard(outcome: Outcome[Any], world: World) -> None:
    """Raises Held; who stands in the way is named to those who may know of it."""
    try:
        guard(outcome, world)
    except Held as error:
        if not isinstance(error.within, Place) or world.principal.sees(error.within):
            raise
        raise Held(error.action, "an experiment where this token cannot see stands in the way") from None


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
