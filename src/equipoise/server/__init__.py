"""The composition: the only place that knows every floor."""

from equipoise.server.application import Application, abroad_here, build, discovered
from equipoise.server.instance import (
    Instance,
    Prepared,
    clock,
    knows,
    opened,
    prepare,
    store_of,
    unlock,
)
from equipoise.server.notices import Notice, notice_in, posted
from equipoise.server.problems import Unstartable
from equipoise.server.process import check_tls, listen, run
from equipoise.server.reports import results_of

__all__ = [
    "Application",
    "Instance",
    "Notice",
    "Prepared",
    "Unstartable",
    "abroad_here",
    "build",
    "check_tls",
    "clock",
    "discovered",
    "knows",
    "listen",
    "notice_in",
    "opened",
    "posted",
    "prepare",
    "results_of",
    "run",
    "store_of",
    "unlock",
]
