"""The published client's own evaluator, in process, fed with the same JSON."""

from typing import Any

from ldclient import Context
from ldclient.impl.evaluator import Evaluator
from ldclient.impl.events.types import EventFactory
from ldclient.impl.model import FeatureFlag, Segment

from equipoise.domain.clauses import Json

_EVENTS = EventFactory(True)


class Published:
    """What the client's `variation_detail` answers from this data: value, index, reason; and the
    prerequisites that it reports, in order."""

    def __init__(self, data: Any) -> None:
        self.flags = {key: FeatureFlag(each) for key, each in data["flags"].items()}
        self.segments = {key: Segment(each) for key, each in data["segments"].items()}
        self.evaluator = Evaluator(self.flags.get, self.segments.get, lambda key: (None, ""))

    def decide(self, key: str, document: Json, default: Json = None) -> tuple[Json, int | None, Any]:
        return self.decided(key, document, default)[0]

    def decided(
        self, key: str, document: Json, default: Json = None
    ) -> tuple[tuple[Json, int | None, Any], list[tuple[str, int | None, str]]]:
        result = self.evaluator.evaluate(self.flags[key], Context.from_dict(document), _EVENTS)
        detail = result.detail
        assert detail is not None
        told = [(each.key, each.variation, _key(each.prereq_of)) for each in result.events or ()]
        value = default if detail.variation_index is None else detail.value
        return (value, detail.variation_index, detail.reason), told


def _key(flag: FeatureFlag | None) -> str:
    assert flag is not None
    return str(flag.key)
