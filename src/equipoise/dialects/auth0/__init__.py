"""Auth0's Experiment Center, in both its generations, as the published clients speak it."""

from equipoise.dialects.auth0.access.routes import ROUTES as ACCESS
from equipoise.dialects.auth0.clients import CLIENTS
from equipoise.dialects.auth0.documents import Error
from equipoise.dialects.auth0.errors import refuse
from equipoise.dialects.auth0.experiments.routes import ROUTES as EXPERIMENTS
from equipoise.dialects.auth0.flags.routes import ROUTES as FLAGS
from equipoise.dialects.auth0.segments.routes import ROUTES as SEGMENTS
from equipoise.translation.dialect import Dialect, bearer
from equipoise.translation.limiter import WINDOW_MS, Quota


def quotas(quota: Quota) -> tuple[tuple[str, str], ...]:
    """What is left of the token’s window, and when it began, in Unix seconds; once nothing is left, when the
    next begins. Published clients wait for it before they repeat a request, after a conflict too."""
    spent = quota.refused or not quota.token_left
    reset_at = quota.reset_at if spent else quota.reset_at - WINDOW_MS
    return (
        ("X-RateLimit-Limit", str(quota.token_limit)),
        ("X-RateLimit-Remaining", str(quota.token_left)),
        ("X-RateLimit-Reset", str(reset_at // 1_000)),
    )


DIALECT = Dialect(
    name="auth0",
    title="Auth0 Experiment Center, as Equipoise speaks it",
    prefixes=("/api/v2/experimentation", "/oauth"),
    routes=(*EXPERIMENTS, *FLAGS, *SEGMENTS, *ACCESS),
    credential=bearer,
    refuse=refuse,
    quotas=quotas,
    refusal=Error,
    security={"type": "http", "scheme": "bearer"},
    clients=CLIENTS,
)
