"""What the first reader of a result would wait for, made ahead of them."""

import logging

from equipoise.web import drawing, files


def warm() -> None:
    """Makes the bundle of script and starts the converter: together about two seconds of one core, of which
    this process stands still for the last third of one second."""
    try:
        files.warm()
        drawing.warm()
    except Exception:  # whoever asks for them later is told why
        logging.getLogger("equipoise").exception("warming up failed")
