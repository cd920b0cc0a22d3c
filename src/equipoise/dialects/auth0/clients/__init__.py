"""The client of Auth0's management API. Its code is in the file beside this."""

from equipoise.application.clients import Client

CLIENTS = (Client(__name__, "auth0", "Auth0's Experiment Center", "pip install auth0-python", None),)
