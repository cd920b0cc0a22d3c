"""What pages of any origin may ask of the doors of browsers, and read of their answers."""

from equipoise.dialects.launchdarkly.sdk.doors import FALLBACK

ASKED = (
    "Cache-Control",
    "Content-Type",
    "Content-Length",
    "Accept-Encoding",
    "X-LaunchDarkly-User-Agent",
    "X-LaunchDarkly-Payload-ID",
    "X-LaunchDarkly-Wrapper",
    "X-LaunchDarkly-Event-Schema",
    "X-LaunchDarkly-Tags",
    "X-LaunchDarkly-Instance-Id",
)

CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Credentials", "false"),
    ("Access-Control-Allow-Methods", "GET, POST, REPORT, OPTIONS"),
    ("Access-Control-Allow-Headers", ", ".join(ASKED)),
    ("Access-Control-Expose-Headers", f"Date, {FALLBACK[0]}"),
    ("Access-Control-Max-Age", "300"),
)
