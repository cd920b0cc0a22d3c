"""LaunchDarkly's published contract."""

from pathlib import Path

from tests.contracts.openapi import OpenApi, shared

__all__ = ["Contract", "shared"]


class Contract(OpenApi):
    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder, "launchdarkly.openapi.json", "InvalidRequestErrorRep")
