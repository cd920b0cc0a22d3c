"""Evaluation over HTTP, beside the empty response of the same server and beside FastAPI with pydantic."""
