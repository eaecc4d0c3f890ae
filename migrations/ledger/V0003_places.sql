-- The log's rows lie in places that are used again: what is given up stays lying until another row is written over it.
-- A segment is so many slots in a row; its rows lie side by side at its position, the row of a slot at
-- place = position * segment_slots + slot % segment_slots. docs/disk-format.md says more.

-- One row: how many slots a segment has, for as long as the file exists, and a checksum over that and all rows of log_segments, which
-- the program fills in.
CREATE TABLE log_places (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    segment_slots INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
INSERT INTO log_places (id, segment_slots, checksum) VALUES (1, 1024, 0);

-- Where the segments lie that are not given up whole. A segment's number is slot / segment_slots.
CREATE TABLE log_segments (
    number INTEGER PRIMARY KEY,
    position INTEGER NOT NULL
);
INSERT INTO log_segments (number, position)
SELECT number, row_number() OVER (ORDER BY number) - 1 FROM (SELECT DISTINCT slot / 1024 AS number FROM log WHERE slot > 0);

CREATE TABLE log_rows (
    place INTEGER PRIMARY KEY,
    slot INTEGER NOT NULL,
    ballot_round INTEGER NOT NULL,
    ballot_node INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL
);
INSERT INTO log_rows (place, slot, ballot_round, ballot_node, stamp, kind, payload, checksum)
SELECT position * 1024 + slot % 1024, slot, ballot_round, ballot_node, stamp, kind, payload, log.checksum
FROM log JOIN log_segments ON number = slot / 1024
ORDER BY slot;

DROP VIEW log_entries;
DROP VIEW replica;
DROP TABLE log;

-- The rows that count: those above compacted_up_to, each where its slot's place is.
CREATE VIEW log AS
SELECT slot, ballot_round, ballot_node, stamp, kind, payload, log_rows.checksum AS checksum
FROM acceptor CROSS JOIN log_places CROSS JOIN log_segments CROSS JOIN log_rows
WHERE place >= position * segment_slots AND place < (position + 1) * segment_slots
    AND slot = number * segment_slots + place % segment_slots
    AND slot > compacted_up_to;

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
            WHEN '09' THEN 'agree on table'
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
