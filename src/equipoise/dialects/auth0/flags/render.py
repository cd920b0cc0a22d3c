"""Feature flags and variations as documents."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.documents import NAME_LENGTHS
from equipoise.dialects.auth0.flags import documents
from equipoise.dialects.auth0.flags.config import overrides_shown, parameters_shown
from equipoise.domain.flag.state import Flag, Variation
from equipoise.translation.times import iso

SAID = "feature flag"
NAME_LENGTH_MAX = NAME_LENGTHS[1]


def status_of(flag: Flag, environment: str) -> documents.Status:
    """Active is a flag that is on in the tenant's environment."""
    if flag.archived_at is not None:
        return "archived"
    return "active" if flag.in_environment(environment).on else "draft"


def feature_flag(now: Flag, environment: str) -> documents.FeatureFlag:
    return documents.FeatureFlag(
        id=ids.spelled(SAID, now.id),
        name=now.name,
        type="self",
        status=status_of(now, environment),
        created_at=iso(now.created_at),
        updated_at=iso(now.touched_at or now.created_at),
        description=now.description or UNSET,
        parameters=parameters_shown(now) or UNSET,
    )


def feature_flags(found: Iterable[Flag], environment: str, following: str) -> documents.FeatureFlags:
    shown = [feature_flag(each, environment) for each in found]
    return documents.FeatureFlags(shown, following or UNSET)


def variation(flag: Flag, now: Variation) -> documents.Variation:
    created_at = now.created_at or flag.created_at
    return documents.Variation(
        id=ids.spelled("variation", now.id),
        feature_flag_id=ids.spelled(SAID, flag.id),
        name=name_of(now),
        overrides=overrides_shown(flag, now),
        created_at=iso(created_at),
        updated_at=iso(now.touched_at or created_at),
        description=now.description or UNSET,
    )


def variations(flag: Flag) -> documents.Variations:
    return documents.Variations([variation(flag, each) for each in flag.variations])


def name_of(variation: Variation) -> str:
    """Other surfaces need not name what they make: then its value does."""
    value = variation.value
    text = variation.name or (value if isinstance(value, str) else msgspec.json.encode(value).decode())
    return text if len(text) <= NAME_LENGTH_MAX else text[: NAME_LENGTH_MAX - 3] + "..."
