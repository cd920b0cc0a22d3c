"""Intents: what a request wants, followed step by step on the world as it is by then."""

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

from equipoise.application.world import World
from equipoise.domain.change import Command, Noun, Outcome
from equipoise.domain.errors import Invalid

R = TypeVar("R")

Step = tuple[Noun[Any], Any, Command]  # the noun, the subject (None: to be born), what is asked of it
Intent = Callable[[World], Generator[Step, Outcome[Any], R]]


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
