"""What is asked of a flag that is there: to follow instructions, to be deleted."""

from typing import Any

from msgspec import Struct

from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags.aims import Aim, Handler
from equipoise.dialects.launchdarkly.flags.instructions import InEnvironment, Instruction
from equipoise.dialects.launchdarkly.flags.kinds import KINDS
from equipoise.dialects.launchdarkly.flags.settings import SETTINGS
from equipoise.dialects.launchdarkly.flags.targeting import TARGETING
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place
from equipoise.domain.labels import Delete
from equipoise.domain.limits import within
from equipoise.translation.decode import convert
from equipoise.translation.intents import Instruct, Steps, by_kind

TABLE: dict[type[Instruction], Handler] = {**TARGETING, **SETTINGS}


def instructions_of(items: list[Any], environment: str) -> list[Instruction]:
    """The instructions of a semantic patch.

    raises  Invalid with what is wrong in any of them, each under its place; Exceeded
    """
    within("INSTRUCTIONS_MAX", len(items))
    found: list[Violation] = []
    instructions: list[Instruction] = []
    for index, item in enumerate(items):
        try:
            instructions.append(_instruction(item, environment))
        except Invalid as error:
            found += error.under(f"instructions[{index}]").violations
    if found:
        raise Invalid(*found)
    return instructions


def _instruction(item: Any, environment: str) -> Instruction:
    if not isinstance(item, dict):
        raise Invalid(Violation("", "must be an instruction: an object with a kind", item))
    name = item.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Invalid(Violation("kind", "is not a kind of instruction to a flag", name))
    instruction = convert({_lowered(key): value for key, value in item.items()}, kind)
    if isinstance(instruction, InEnvironment) and not environment:
        raise Invalid(Violation("kind", "needs environmentKey in the body", name))
    return instruction


def _lowered(name: str) -> str:
    """The vendor's own examples write OnVariationValue."""
    return name[:1].lower() + name[1:]


def follow(instructions: list[Instruction], place: Place, key: str, environment: str) -> Intent[None]:
    """The flag after all of the instructions, in their order."""

    def intent(world: World) -> Steps:
        flag = world.named(FLAG, place, key)
        if any(isinstance(each, InEnvironment) for each in instructions):
            known = world.peek(ENVIRONMENT, place, environment) is not None
            rule = "must be the key of an environment of the project"
            check(known or Violation("environmentKey", rule, environment))
        table: dict[type[Struct], Instruct] = {
            type(each): _following(TABLE[type(each)], flag.id, environment) for each in instructions
        }
        yield from by_kind(instructions, table, world)

    return intent


def _following(handler: Handler, id: str, environment: str) -> Instruct:
    def steps(instruction: Instruction, world: World) -> Steps:
        aim = Aim(world.get(FLAG, id), environment, world)
        for command in handler(instruction, aim):
            yield FLAG, aim.flag, command

    return steps


def remove(place: Place, key: str) -> Intent[None]:
    def intent(world: World) -> Steps:
        yield FLAG, world.named(FLAG, place, key), Delete()

    return intent
