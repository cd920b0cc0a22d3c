"""Instructions of a semantic patch to a flag, in all its environments."""

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from equipoise.dialects.launchdarkly.flags.instructions import Instruction

# variations


class AddVariation(Instruction, frozen=True):
    value: Any
    name: str = ""
    description: str = ""


class RemoveVariation(Instruction, frozen=True):
    variation_id: str


class UpdateVariation(Instruction, frozen=True):
    variation_id: str
    value: Any = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class UpdateDefaultVariation(Instruction, frozen=True):
    """By value, not by id."""

    on_variation_value: Any = UNSET
    off_variation_value: Any = UNSET


# settings


class UpdateName(Instruction, frozen=True):
    value: str


class UpdateDescription(Instruction, frozen=True):
    value: str


class AddTags(Instruction, frozen=True):
    values: list[str]


class RemoveTags(Instruction, frozen=True):
    values: list[str]


class MakeFlagPermanent(Instruction, frozen=True): ...


class MakeFlagTemporary(Instruction, frozen=True): ...


class TurnOnClientSideAvailability(Instruction, frozen=True):
    value: Literal["usingMobileKey", "usingEnvironmentId"]


class TurnOffClientSideAvailability(Instruction, frozen=True):
    value: Literal["usingMobileKey", "usingEnvironmentId"]


class UpdateMaintainerMember(Instruction, frozen=True):
    value: str


class UpdateMaintainerTeam(Instruction, frozen=True):
    value: str


class RemoveMaintainer(Instruction, frozen=True): ...


class AddCustomProperties(Instruction, frozen=True):
    key: str
    name: str
    values: list[str]


class ReplaceCustomProperties(Instruction, frozen=True):
    key: str
    name: str
    values: list[str]


class RemoveCustomProperties(Instruction, frozen=True):
    key: str
    values: list[str]


# lifecycle


class ArchiveFlag(Instruction, frozen=True): ...


class RestoreFlag(Instruction, frozen=True): ...


class DeprecateFlag(Instruction, frozen=True): ...


class RestoreDeprecatedFlag(Instruction, frozen=True): ...


class DeleteFlag(Instruction, frozen=True): ...
