"""A provider for OpenFeature on the client.

Contexts are those that the server takes from OpenFeature's own providers (evaluation/targeting.py).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata
from openfeature.track import TrackingEventDetails

from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Why
from equipoise.evaluation.ruleset import Rollout
from equipoise.evaluation.targeting import TARGETING_KEY, Untargeted, targeted
from equipoise.sdk.client import READY_SECONDS, Client
from equipoise.sdk.status import State, Status

T = TypeVar("T")
_Object = Sequence[FlagValueType] | Mapping[str, FlagValueType]

KEPT_MAX = 10_000  # answers of one type
_PLAIN = frozenset({str, int, float, bool})

REASONS = {
    Why.OFF: Reason.DISABLED,
    Why.TARGET_MATCH: Reason.TARGETING_MATCH,
    Why.RULE_MATCH: Reason.TARGETING_MATCH,
    Why.FALLTHROUGH: Reason.DEFAULT,
    Why.PREREQUISITE_FAILED: Reason.DISABLED,
    Why.ERROR: Reason.ERROR,
}
ERRORS = {
    Fault.FLAG_NOT_FOUND: ErrorCode.FLAG_NOT_FOUND,
    Fault.MALFORMED_FLAG: ErrorCode.PARSE_ERROR,
    Fault.USER_NOT_SPECIFIED: ErrorCode.INVALID_CONTEXT,
    Fault.CLIENT_NOT_READY: ErrorCode.PROVIDER_NOT_READY,
    Fault.EXCEPTION: ErrorCode.GENERAL,
}
_SAID = {
    Fault.FLAG_NOT_FOUND: "there is no such flag",
    Fault.MALFORMED_FLAG: "the flag serves nothing that there is, or asks what nobody can tell here",
    Fault.CLIENT_NOT_READY: "there is no ruleset yet",
    Fault.EXCEPTION: "the evaluation failed",
}
_NOBODY = Context({}, "nobody is named")


class EquipoiseProvider(AbstractProvider):
    """Starts the client when it is set, and closes it, with what waits sent, when it is shut down.

    ready_seconds  in which it has to be ready; later is an error first, and ready once it is
    """

    def __init__(self, client: Client, ready_seconds: float = READY_SECONDS) -> None:
        super().__init__()
        self._client, self._ready_seconds = client, ready_seconds
        self._metadata = Metadata("Equipoise")
        self._current = False  # whether what is served is as new as it can be, as far as was told
        self._ends: list[Callable[[], None]] = []
        self._booleans, self._strings = _Answers(_boolean), _Answers(_string)
        self._integers, self._floats = _Answers(_integer), _Answers(_float)
        self._objects: _Answers[_Object] = _Answers(_object)

    def get_metadata(self) -> Metadata:
        return self._metadata

    def initialize(self, evaluation_context: EvaluationContext) -> None:  # noqa: ARG002
        """raises ProviderNotReadyError"""
        self._client.start()
        self._current = self._client.wait_ready(self._ready_seconds)
        self._ends = [self._client.on_change(self._changed), self._client.on_status(self._moved)]
        if not self._current:
            raise ProviderNotReadyError(self._client.status.problem or "there is no ruleset yet")

    def shutdown(self) -> None:
        for end in self._ends:
            end()
        self._client.close()

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        asked = context_of(evaluation_context) or _NOBODY
        if tracking_event_details is None:
            self._client.track(tracking_event_name, asked)
        else:
            value, data = tracking_event_details.value, tracking_event_details.attributes
            self._client.track(tracking_event_name, asked, value, data or None)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._resolve(flag_key, default_value, evaluation_context, self._booleans)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._resolve(flag_key, default_value, evaluation_context, self._strings)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._resolve(flag_key, default_value, evaluation_context, self._integers)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._resolve(flag_key, default_value, evaluation_context, self._floats)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return self._resolve(flag_key, default_value, evaluation_context, self._objects)

    def _resolve(
        self, key: str, default: T, given: EvaluationContext | None, answers: "_Answers[T]"
    ) -> FlagResolutionDetails[T]:
        asked = context_of(given)
        if asked is None:
            return _error(default, ErrorCode.TARGETING_KEY_MISSING, "there is no targeting key")
        decision = self._client.detail(key, asked)
        known = answers.known.get(id(decision))
        if known is not None:
            return known[1]
        reason = decision.reason
        if reason.error is not None:
            return _error(default, ERRORS[reason.error], asked.error or _SAID.get(reason.error, ""))
        if decision.variation is None:
            return FlagResolutionDetails(default, reason=REASONS[reason.kind])
        value = answers.read(decision.value)
        if value is None:
            served = type(decision.value).__name__
            return _error(default, ErrorCode.TYPE_MISMATCH, f"flag {key} serves a value of type {served}")
        metadata = {"version": decision.version, "inExperiment": reason.in_experiment}
        said = self._reason(key, decision)
        answer = FlagResolutionDetails(value, None, None, said, str(decision.variation), metadata)
        answers.keep(decision, answer)
        return answer

    def _reason(self, key: str, decision: Decision) -> Reason:
        reason = decision.reason
        if reason.in_experiment:
            return Reason.SPLIT
        flag = self._client.ruleset.flags.get(key)
        if flag is not None and reason.kind is Why.FALLTHROUGH:
            return Reason.SPLIT if isinstance(flag.fallthrough, Rollout) else Reason.DEFAULT
        index = reason.rule_index
        if flag is not None and index is not None and index < len(flag.rules):  # else it changed just now
            return Reason.SPLIT if isinstance(flag.rules[index].serve, Rollout) else Reason.TARGETING_MATCH
        return REASONS[reason.kind]

    def _changed(self, keys: frozenset[str]) -> None:
        self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=sorted(keys)))

    def _moved(self, status: Status) -> None:
        """Each turn is told once, however often the same goes wrong."""
        current = status.state in (State.STREAMING, State.POLLING)
        if current is self._current:
            return
        self._current = current
        if current:
            self.emit_provider_ready(ProviderEventDetails())
        elif status.state is not State.CLOSED:
            self.emit_provider_stale(ProviderEventDetails(message=status.problem))


class _Answers(Generic[T]):
    """Answers of one type, made once for each decision: the machine hands out the same object again and
    again, and while it is kept here no other has its id."""

    def __init__(self, read: Callable[[Any], T | None]) -> None:
        self.read = read
        self.known: dict[int, tuple[Decision, FlagResolutionDetails[T]]] = {}

    def keep(self, decision: Decision, answer: FlagResolutionDetails[T]) -> None:
        if len(self.known) >= KEPT_MAX:
            self.known = {}
        self.known[id(decision)] = (decision, answer)


def context_of(given: EvaluationContext | None) -> Context | None:
    """None where nobody is named. What OpenFeature allows and JSON does not (times, tuples) is made JSON."""
    if given is None:
        return None
    said: dict[str, Any] = dict(given.attributes)
    if not _PLAIN.issuperset(map(type, said.values())):
        said = _json(said)
    if given.targeting_key:
        said[TARGETING_KEY] = given.targeting_key
    try:
        return targeted(said)
    except Untargeted as error:
        return None if error.keyless else Context({}, str(error))


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, Mapping):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_json(each) for each in value]
    return value


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    """JSON has one kind of number, and a whole one may stand there as 2.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _object(value: Any) -> _Object | None:
    return value if isinstance(value, list | dict) else None


def _error(default: T, code: ErrorCode, message: str) -> FlagResolutionDetails[T]:
    return FlagResolutionDetails(default, code, message, Reason.ERROR)
