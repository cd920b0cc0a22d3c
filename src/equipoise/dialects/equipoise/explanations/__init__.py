"""Why a context is served what it is served."""
