-- What one replica of one shard must never forget: what it has promised and what it has accepted.
-- docs/disk-format.md explains every column. Read as much as you like; never write.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

-- Whose ledger this is: one row, made once.
CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cluster TEXT NOT NULL,
    node TEXT NOT NULL,
    node_id INTEGER NOT NULL,
    shard TEXT NOT NULL,
    shard_id INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    boot INTEGER NOT NULL,
    created_at TEXT NOT NULL
);

-- What the acceptor knows beside its log: one row.
CREATE TABLE acceptor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    promise_round INTEGER NOT NULL,
    promise_node INTEGER NOT NULL,
    chosen_up_to INTEGER NOT NULL,
    compacted_up_to INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    table_generation INTEGER NOT NULL
);

-- The first members of the group, once they are known.
CREATE TABLE genesis (
    node_id INTEGER PRIMARY KEY,
    incarnation TEXT NOT NULL,
    is_voter INTEGER NOT NULL
);

-- The configurations that are known to be chosen: one row for each member.
CREATE TABLE configurations (
    slot INTEGER NOT NULL,
    number INTEGER NOT NULL,
    node_id INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    is_voter INTEGER NOT NULL,
    UNIQUE (number, node_id)
);

CREATE TABLE log (
    slot INTEGER PRIMARY KEY,
    ballot_round INTEGER NOT NULL,
    ballot_node INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE VIEW replica AS
SELECT
    cluster, node, shard, incarnation, boot,
    CASE stage WHEN 0 THEN 'gathering' WHEN 1 THEN 'ready' WHEN 2 THEN 'born' WHEN 3 THEN 'stranger' ELSE stage END AS stage,
    promise_round || '.' || promise_node AS promise,
    chosen_up_to, compacted_up_to,
    (SELECT min(slot) FROM log) AS first_slot,
    (SELECT max(slot) FROM log) AS last_slot,
    printf('table-%06d.sqlite', table_generation) AS table_file
FROM identity, acceptor;

-- A command's payload: version, kind, length of the first key (two bytes, big-endian), first key, the rest.
-- A byte's number is read from its two hexadecimal digits: instr() counts from 1 where it finds a digit, and 0 is '0'.
CREATE VIEW log_entries AS
SELECT
    slot,
    ballot_round || '.' || ballot_node AS ballot,
    strftime('%Y-%m-%d %H:%M:%f', stamp / 1000.0, 'unixepoch') AS time,
    CASE kind WHEN 0 THEN 'no-operation' WHEN 1 THEN 'command' WHEN 2 THEN 'configuration' ELSE kind END AS kind,
    CASE WHEN kind = 1 AND version = '01' THEN
        CASE operation
            WHEN '01' THEN 'set' WHEN '02' THEN 'set many' WHEN '03' THEN 'delete' WHEN '04' THEN 'get and delete'
            WHEN '05' THEN 'append' WHEN '06' THEN 'increment' WHEN '07' THEN 'open session' WHEN '08' THEN 'keep session'
            ELSE 'kind 0x' || operation
        END
    END AS operation,
    CASE WHEN kind = 1 AND version = '01' THEN
        CAST(substr(payload, 5,
            4096 * instr('123456789ABCDEF', substr(length, 1, 1)) + 256 * instr('123456789ABCDEF', substr(length, 2, 1))
            + 16 * instr('123456789ABCDEF', substr(length, 3, 1)) + instr('123456789ABCDEF', substr(length, 4, 1))) AS TEXT)
    END AS key,
    length(payload) AS payload_bytes,
    slot <= (SELECT chosen_up_to FROM acceptor) AS is_chosen
FROM (
    SELECT
        *,
        hex(substr(payload, 1, 1)) AS version, hex(substr(payload, 2, 1)) AS operation, hex(substr(payload, 3, 2)) AS length
    FROM log
);
