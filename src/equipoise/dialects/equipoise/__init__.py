"""Our own interface: what no other vendor's has words for."""

from equipoise.dialects.equipoise.catalog.routes import ROUTES as CATALOG
from equipoise.dialects.equipoise.clients import CLIENTS
from equipoise.dialects.equipoise.documents import Error
from equipoise.dialects.equipoise.errors import refuse
from equipoise.dialects.equipoise.explanations.routes import ROUTES as EXPLANATIONS
from equipoise.dialects.equipoise.installations.routes import ROUTES as INSTALLATIONS
from equipoise.dialects.equipoise.results.routes import ROUTES as RESULTS
from equipoise.dialects.equipoise.sdk.doors import DOORS
from equipoise.dialects.equipoise.sdk.events import decode
from equipoise.translation.dialect import Dialect, bearer
from equipoise.translation.limiter import Quota


def quotas(quota: Quota) -> tuple[tuple[str, str], ...]:
    """What is left of the token's window; the reset is in epoch milliseconds."""
    return (
        ("X-RateLimit-Limit", str(quota.token_limit)),
        ("X-RateLimit-Remaining", str(quota.token_left)),
        ("X-RateLimit-Reset", str(quota.reset_at)),
    )


DIALECT = Dialect(
    name="equipoise",
    title="Equipoise's own interface",
    prefixes=(
        "/equipoise/v1/experiments",
        "/equipoise/v1/environments",
        "/equipoise/v1/catalog",
        "/equipoise/v1/installations",
    ),
    routes=(*RESULTS, *EXPLANATIONS, *CATALOG, *INSTALLATIONS),
    credential=bearer,
    refuse=refuse,
    quotas=quotas,
    refusal=Error,
    security={"type": "http", "scheme": "bearer"},
    doors=DOORS,
    decode=decode,
    clients=CLIENTS,
)
