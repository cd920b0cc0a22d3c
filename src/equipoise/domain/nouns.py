"""All nouns, by name: what can be loaded, changed, stored and logged."""

from collections.abc import Mapping
from typing import Any

from equipoise.domain.change import Noun
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.metric import METRIC
from equipoise.domain.project import PROJECT
from equipoise.domain.segment import SEGMENT
from equipoise.domain.token import TOKEN

_ALL: tuple[Noun[Any], ...] = (PROJECT, ENVIRONMENT, TOKEN, FLAG, METRIC, SEGMENT, EXPERIMENT)

NOUNS: Mapping[str, Noun[Any]] = {noun.name: noun for noun in _ALL}
