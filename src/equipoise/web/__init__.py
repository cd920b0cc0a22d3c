"""Pages for people: HTML is one more dialect, with forms for its documents."""

from equipoise.web.doorway import shown_at
from equipoise.web.pages import PAGES, Pages
from equipoise.web.visit import Reports
from equipoise.web.warmth import warm

__all__ = ["PAGES", "Pages", "Reports", "shown_at", "warm"]
