-- The keys and values of one shard on one replica, as of one slot of its log. Can always be made again from the log.
-- docs/disk-format.md explains every column. Read as much as you like; never write.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

-- Whose table this is, and how far it has come: one row, written in the same transaction as what it speaks of.
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cluster TEXT NOT NULL,
    node TEXT NOT NULL,
    node_id INTEGER NOT NULL,
    shard TEXT NOT NULL,
    shard_id INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    generation INTEGER NOT NULL,
    applied_up_to INTEGER NOT NULL,
    key_count INTEGER NOT NULL,
    largest_id INTEGER NOT NULL
);

CREATE TABLE key_values (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    value BLOB NOT NULL,
    kind INTEGER NOT NULL,
    created_slot INTEGER NOT NULL,
    modified_slot INTEGER NOT NULL,
    expires_at INTEGER
);

CREATE TABLE sessions (
    session INTEGER PRIMARY KEY,
    time_to_live INTEGER NOT NULL,
    last_stamp INTEGER NOT NULL,
    answered_below INTEGER NOT NULL,
    results BLOB NOT NULL
);

CREATE VIEW keys AS
SELECT
    id,
    CAST(key AS TEXT) AS key,
    CASE WHEN length(value) > 100 THEN CAST(substr(value, 1, 100) AS TEXT) || '…' ELSE CAST(value AS TEXT) END AS value,
    CASE kind WHEN 0 THEN 'string' ELSE kind END AS kind,
    length(value) AS value_bytes,
    created_slot, modified_slot
FROM key_values;

CREATE VIEW open_sessions AS
SELECT
    printf('%016x', session) AS session,
    (session >> 48) & 65535 AS node_id,
    strftime('%Y-%m-%d %H:%M:%f', last_stamp / 1000.0, 'unixepoch') AS last_heard,
    time_to_live / 1000.0 AS time_to_live_seconds,
    answered_below,
    length(results) AS result_bytes
FROM sessions;
