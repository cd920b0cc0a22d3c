"""LaunchDarkly's REST API, as its published clients speak it."""

from equipoise.dialects.launchdarkly.access.routes import ROUTES as ACCESS
from equipoise.dialects.launchdarkly.clients import CLIENTS
from equipoise.dialects.launchdarkly.contexts.routes import ROUTES as CONTEXTS
from equipoise.dialects.launchdarkly.documents import Error
from equipoise.dialects.launchdarkly.environments.routes import ROUTES as ENVIRONMENTS
from equipoise.dialects.launchdarkly.errors import refuse
from equipoise.dialects.launchdarkly.experiments.routes import ROUTES as EXPERIMENTS
from equipoise.dialects.launchdarkly.flags.routes import ROUTES as FLAGS
from equipoise.dialects.launchdarkly.holdouts.routes import ROUTES as HOLDOUTS
from equipoise.dialects.launchdarkly.layers.routes import ROUTES as LAYERS
from equipoise.dialects.launchdarkly.metrics.routes import ROUTES as METRICS
from equipoise.dialects.launchdarkly.projects.routes import ROUTES as PROJECTS
from equipoise.dialects.launchdarkly.sdk.client_doors import DOORS as CLIENT_DOORS
from equipoise.dialects.launchdarkly.sdk.client_ingest import DOORS as CLIENT_INGEST_DOORS
from equipoise.dialects.launchdarkly.sdk.doors import DOORS
from equipoise.dialects.launchdarkly.sdk.events import decode
from equipoise.dialects.launchdarkly.sdk.ingest_doors import DOORS as INGEST_DOORS
from equipoise.translation.dialect import Dialect, bearer
from equipoise.translation.limiter import Quota


def quotas(quota: Quota) -> tuple[tuple[str, str], ...]:
    """Windows of ten seconds; the reset is in epoch milliseconds."""
    return (
        ("X-Ratelimit-Global-Limit", str(quota.token_limit)),
        ("X-Ratelimit-Global-Remaining", str(quota.token_left)),
        ("X-Ratelimit-Route-Limit", str(quota.route_limit)),
        ("X-Ratelimit-Route-Remaining", str(quota.route_left)),
        ("X-Ratelimit-Auth-Token-Limit", str(quota.token_limit)),
        ("X-Ratelimit-Auth-Token-Remaining", str(quota.token_left)),
        ("X-Ratelimit-Auth-Token-Reset", str(quota.reset_at)),
        ("X-Ratelimit-Reset", str(quota.reset_at)),
    )


DIALECT = Dialect(
    name="launchdarkly",
    title="LaunchDarkly REST API, as Equipoise speaks it",
    prefixes=("/api/v2",),
    routes=(
        *ACCESS,
        *PROJECTS,
        *ENVIRONMENTS,
        *CONTEXTS,
        *FLAGS,
        *METRICS,
        *EXPERIMENTS,
        *LAYERS,
        *HOLDOUTS,
    ),
    credential=bearer,
    refuse=refuse,
    quotas=quotas,
    refusal=Error,
    security={"type": "apiKey", "in": "header", "name": "Authorization"},
    doors=(*DOORS, *INGEST_DOORS, *CLIENT_DOORS, *CLIENT_INGEST_DOORS),
    decode=decode,
    clients=CLIENTS,
    client_header="x-launchdarkly-user-agent",
)
