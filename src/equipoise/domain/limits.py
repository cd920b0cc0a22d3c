"""Every limit, named, with its unit. A limit that is met raises Exceeded with its name."""

from equipoise.domain.errors import Exceeded

AMOUNT_LENGTH_MAX = 40  # characters of a decimal
BODY_BYTES_MAX = 5 * 1024 * 1024
BODY_NESTING_MAX = 64
CHANGE_ATTEMPTS_MAX = 12
CATALOG_ITEMS_AT_ONCE_MAX = 50
CATALOG_ORIGIN_LENGTH_MAX = 2_048
CATALOG_TEXT_LENGTH_MAX = 1_024  # characters of an id, a slug, a name, a description
CLAIMS_PER_EXPERIMENT_MAX = 20
CLAUSES_PER_RULE_MAX = 100
CLIENT_EVENT_BODY_BYTES_MAX = 1024 * 1024  # from a browser or a phone, as it is sent
CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX = 8 * 1024 * 1024
CLIENT_NAME_LENGTH_MAX = 80  # characters of a client that names itself
CLIENTS_PER_KEY_MAX = 20  # of which it is kept when they used a key
CODES_PER_INSTALLATION_MAX = 100
COMMENT_LENGTH_MAX = 4_096
CONFIG_STORE_BYTES_MAX = 512 * 1024  # all items of one, as JSON
CONTEXT_BYTES_MAX = 64 * 1024  # of one that flags are evaluated for, as JSON
CONTEXT_EXPLAINED_BYTES_MAX = 16 * 1024  # of one that a decision is explained for, as JSON
CONTEXT_KINDS_PER_PROJECT_MAX = 100
DESCRIPTION_LENGTH_MAX = 4_096
EVALUATION_BODY_BYTES_MAX = 128 * 1024  # a context, and what is around it
EVENTS_PER_BODY_MAX = 100_000
EVENTS_PER_CLIENT_BODY_MAX = 10_000  # of a body from a browser or a phone: whoever has a page may send one
EVENT_BODY_BYTES_MAX = 16 * 1024 * 1024  # as it is sent
EVENT_BODY_UNPACKED_BYTES_MAX = 64 * 1024 * 1024
EVENT_CLOCK_AHEAD_HOURS_MAX = 24  # the clock of a client may be wrong by so much
EVENT_DATA_LENGTH_MAX = 256 * 1024  # characters of what an event says besides, over all its context kinds
EVENT_KEY_LENGTH_MAX = 1_024  # characters of a key of a unit, or of an event
EVENT_PAYLOAD_LENGTH_MAX = 64  # characters of a name of a body; a longer one is kept as its SHA-256
EVENT_PAYLOADS_KEEP_DAYS = 7
EVENTS_TRACKED_AT_ONCE_MAX = 1_000
EXPOSURE_ATTRIBUTES_BYTES_MAX = 64 * 1024  # of a context that is decided for; beyond it keys alone are kept
IDEMPOTENCY_KEEP_HOURS = 24
IDEMPOTENCY_KEY_LENGTH_MAX = 255
INSTRUCTIONS_MAX = 100
INVOICE_LINES_MAX = 1_000  # items and discounts together
ITERATIONS_KEPT_MAX = 500
KEY_LENGTH_MAX = 256
LIST_ITEMS_MAX = 1_000
METRICS_PER_ITERATION_MAX = 100
NAME_LENGTH_MAX = 256
PARAMETERS_PER_FLAG_MAX = 100
PATCH_OPERATIONS_MAX = 1_000
PREREQUISITES_IN_A_ROW_MAX = 50  # flags, each of which needs the next one first
PREREQUISITES_PER_FLAG_MAX = 100
PROPERTIES_PER_FLAG_MAX = 100
RAMP_LEVELS_MAX = 101
RESERVATIONS_PER_LAYER_MAX = 1_000
RESOURCE_FIELD_BYTES_MAX = 64 * 1024  # of a free object or of a plan, as JSON
RESOURCE_ID_LENGTH_MAX = 256
RESOURCE_NAME_LENGTH_MAX = 1_024
REVOKED_TOKENS_KEPT_MAX = 100
RULES_PER_FLAG_MAX = 500
SECRETS_PER_RESOURCE_MAX = 100
SECRET_VALUE_LENGTH_MAX = 64 * 1024  # characters
SEGMENT_RULES_MAX = 500
STATEMENT_BYTES_MAX = 1024 * 1024  # of one, as JSON
TAGS_MAX = 100
TARGET_KEYS_PER_ENVIRONMENT_MAX = 50_000
TOKENS_PER_INSTALLATION_MAX = 20
TTL_MINUTES_MAX = 60
URLS_PER_METRIC_MAX = 100
VALUE_LEVELS_MAX = (
    50  # of arrays and objects in a value that is served: the strictest readers stop at 64, payload and all
)
VALUES_PER_CLAUSE_MAX = 10_000
VARIATIONS_PER_FLAG_MAX = 64
ARMS_MAX = VARIATIONS_PER_FLAG_MAX


def within(limit: str, found: int) -> None:
    """Raises Exceeded when more is found than the limit of this name allows."""
    most: int = globals()[limit]
    if found > most:
        raise Exceeded(limit, most, found)
