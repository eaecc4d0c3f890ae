-- A checksum for each of the rows that are written over and over: a promise that a disk has changed must not be taken for one.
-- The program fills them in for rows that were there before, in the same transaction.

ALTER TABLE identity ADD COLUMN origin_slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN origin_hash INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE acceptor ADD COLUMN compacted_stamp INTEGER NOT NULL DEFAULT 0;
ALTER TABLE acceptor ADD COLUMN members_checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE acceptor ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

DROP VIEW log_entries;

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
