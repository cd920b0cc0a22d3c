"""Vercel's marketplace as its providers speak to it, and the config stores that applications read."""

from msgspec.structs import replace

from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.access import ROOT
from equipoise.dialects.vercel.billing.routes import ROUTES as BILLING
from equipoise.dialects.vercel.clients import CLIENTS
from equipoise.dialects.vercel.documents import Error
from equipoise.dialects.vercel.errors import refuse
from equipoise.dialects.vercel.installations.routes import ROUTES as INSTALLATIONS
from equipoise.dialects.vercel.items.routes import ROUTES as ITEMS
from equipoise.dialects.vercel.resources.routes import ROUTES as RESOURCES
from equipoise.dialects.vercel.sign_on.routes import ROUTES as SIGN_ON
from equipoise.dialects.vercel.stores.reading import ROUTES as READING
from equipoise.dialects.vercel.stores.routes import ROUTES as STORES
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.invoice import INVOICE
from equipoise.translation.abroad import CLIENT
from equipoise.translation.dialect import Dialect, bearer
from equipoise.translation.limiter import Quota
from equipoise.translation.routes import Route


def quotas(quota: Quota) -> tuple[tuple[str, str], ...]:
    """What is left of the token's window, and when the next begins, in Unix seconds."""
    return (
        ("X-RateLimit-Limit", str(quota.token_limit)),
        ("X-RateLimit-Remaining", str(quota.token_left)),
        ("X-RateLimit-Reset", str(quota.reset_at // 1_000)),
    )


def served(*routes: Route) -> tuple[Route, ...]:
    """The routes; whatever is asked of an installation may be refused because it is uninstalled."""
    return tuple(replace(each, refusals=(410,)) if each.path.startswith(ROOT) else each for each in routes)


DIALECT = Dialect(
    name="vercel",
    title="Vercel Marketplace and config stores, as Equipoise speaks them",
    prefixes=("/v1/installations", "/v1/integrations", "/.well-known/jwks", "/ecfg_*"),
    routes=served(*INSTALLATIONS, *RESOURCES, *ITEMS, *STORES, *READING, *BILLING, *SIGN_ON),
    credential=bearer,
    refuse=refuse,
    quotas=quotas,
    refusal=Error,
    security={"type": "http", "scheme": "bearer"},
    spelled={CLIENT: ids.APPLICATION, CONFIG_STORE.name: ids.STORE, INVOICE.name: ids.INVOICE},
    connection=ids.connection,
    clients=CLIENTS,
)
