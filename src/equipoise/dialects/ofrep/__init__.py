"""OpenFeature's Remote Evaluation Protocol: flags are decided here, for whoever names a context."""

from equipoise.dialects.ofrep.clients import CLIENTS
from equipoise.dialects.ofrep.documents import Failure
from equipoise.dialects.ofrep.doors import DOORS
from equipoise.dialects.ofrep.errors import refuse
from equipoise.dialects.ofrep.events import decode
from equipoise.dialects.ofrep.keys import presented
from equipoise.dialects.ofrep.tracking import DOORS as TRACKING_DOORS
from equipoise.translation.dialect import Dialect
from equipoise.translation.limiter import Quota


def quotas(quota: Quota) -> tuple[tuple[str, str], ...]:
    """The protocol has no words for them but `Retry-After`."""
    return ()


DIALECT = Dialect(
    name="ofrep",
    title="OpenFeature Remote Evaluation Protocol, as Equipoise speaks it",
    prefixes=("/ofrep",),
    routes=(),
    credential=presented,
    refuse=refuse,
    quotas=quotas,
    refusal=Failure,
    security={"type": "http", "scheme": "bearer"},
    doors=(*DOORS, *TRACKING_DOORS),
    decode=decode,
    clients=CLIENTS,
)
