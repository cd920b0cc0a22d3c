"""The client of Vercel's API. Its code is in the file beside this."""

from equipoise.application.clients import Client

CLIENTS = (Client(__name__, "vercel", "Vercel's Marketplace", "npm install @vercel/sdk", None),)
