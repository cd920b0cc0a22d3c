"""The world: what is stored, with what the change has decided so far laid over it."""

from equipoise.application.administration import ITSELF
from equipoise.application.world import World
from equipoise.domain.change import Command
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create, SetPrerequisites
from equipoise.domain.flag.state import Flag, Prerequisite
from equipoise.domain.labels import Archive, Delete, Restore
from tests.domain.builders import ON, a_moment, a_targeting
from tests.fakes import FakeEntropy, FakeVault, MemoryStore
from tests.storage.desk import bear, flag

NEED = Prerequisite("billing", ON)
NEEDING = {"production": a_targeting(prerequisites=(NEED,))}


def world_of(*flags: Flag) -> World:
    store = MemoryStore()
    bear(store, FLAG, *flags)
    with store.read() as reader:
        return World(reader, a_moment(), ITSELF, FakeVault(), FakeEntropy("world"))


def needing(world: World, *commands: tuple[Flag | None, Command]) -> set[str]:
    """Keys of the flags that need `billing` first when all of this is staged."""
    for subject, command in commands:
        world.stage(FLAG, subject and world.find(FLAG, subject.id), command)
    return {each.key for each in world.needing("default", "billing")}


def test_a_flag_needs_another_in_whichever_environment() -> None:
    elsewhere = flag("elsewhere", targeting={"test": NEEDING["production"]})
    world = world_of(flag("billing"), flag("checkout", targeting=NEEDING), elsewhere)
    assert needing(world) == {"checkout", "elsewhere"}


def test_what_is_staged_is_needed_or_no_longer() -> None:
    checkout, bare = flag("checkout", targeting=NEEDING), flag("bare")
    archived = flag("archived", targeting=NEEDING, archived_at=1)

    def after(*commands: tuple[Flag | None, Command]) -> set[str]:
        return needing(world_of(checkout, bare, archived), *commands)

    assert after() == {"checkout"}
    assert after((checkout, SetPrerequisites("production", ()))) == set()
    assert after((checkout, Archive())) == after((checkout, Delete())) == set()
    assert after((bare, SetPrerequisites("test", (NEED,)))) == {"bare", "checkout"}
    assert after((archived, Restore())) == {"archived", "checkout"}
    assert after((None, Create(flag("born", targeting=NEEDING)))) == {"born", "checkout"}
