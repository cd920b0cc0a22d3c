"""Shapes of layers. Field names are the wire's."""

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links


class LayerPost(Struct, frozen=True):
    key: str
    name: str
    description: str


class UpdateName(Struct, frozen=True, tag_field="kind", tag="updateName"):
    name: str


class UpdateDescription(Struct, frozen=True, tag_field="kind", tag="updateDescription"):
    description: str


class UpdateReservation(Struct, frozen=True, tag_field="kind", tag="updateExperimentReservation"):
    """Whole percents."""

    experimentKey: str
    reservationPercent: int


class RemoveExperiment(Struct, frozen=True, tag_field="kind", tag="removeExperiment"):
    experimentKey: str


class LayerPatch(Struct, frozen=True):
    """`environmentKey` says where reservations change."""

    instructions: list[UpdateName | UpdateDescription | UpdateReservation | RemoveExperiment]
    environmentKey: str = ""
    comment: str = ""


class Reservation(Struct, frozen=True):
    experimentKey: str
    flagKey: str
    reservationPercent: int


class Configuration(Struct, frozen=True):
    reservations: list[Reservation]


class Layer(Struct, frozen=True):
    key: str
    name: str
    description: str
    createdAt: int
    environments: dict[str, Configuration]
    randomizationUnit: str | UnsetType = UNSET


class Layers(Struct, frozen=True):
    items: list[Layer]
    totalCount: int
    links: Links = field(name="_links")
