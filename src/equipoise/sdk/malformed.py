"""Says once of each flag that makes no sense here why it serves the default."""

import logging
from collections.abc import Iterable, Iterator

from equipoise.evaluation.context import Context
from equipoise.evaluation.explain import explain
from equipoise.evaluation.ruleset import RuledFlag, Ruleset
from equipoise.evaluation.steps import Asked, Node

REMEMBERED_MAX = 10_000

_log = logging.getLogger("equipoise.sdk")


class MalformedFlags:
    """Those that were met."""

    def __init__(self) -> None:
        self._told: set[tuple[str, int]] = set()

    def met(self, flag: RuledFlag, ruleset: Ruleset, context: Context) -> None:
        """This one serves nothing there is, or asks what nobody can tell in this installation."""
        name = flag.key, flag.version
        if name in self._told or len(self._told) >= REMEMBERED_MAX:
            return
        self._told.add(name)
        found = explain(ruleset, flag.key, context).nodes
        why = next(_problems(found), "it, or what it leads to, makes no sense")
        _log.warning("flag %s serves the default: %s", flag.key, why)


def _problems(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node.step, Asked) and node.step.problem:
            yield node.step.problem
        yield from _problems(node.within)
