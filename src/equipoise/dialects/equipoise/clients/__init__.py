"""Our own client. Its code is in the file beside this."""

from equipoise.application.clients import Client

CLIENTS = (Client(__name__, "equipoise-python", "Equipoise for Python", "pip install equipoise"),)
