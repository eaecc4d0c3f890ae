-- What a snapshot, a table at one slot in a file of its own, needs to stand for the log up to its slot.
-- docs/disk-format.md explains every column.

-- Of the last entry that was applied: the clock that sessions' lives are measured by.
ALTER TABLE state ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;

-- The configurations chosen up to the snapshot's slot: one row for each member. Empty in a replica's own table: its ledger has them.
CREATE TABLE configurations (
    slot INTEGER NOT NULL,
    number INTEGER NOT NULL,
    node_id INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    is_voter INTEGER NOT NULL,
    UNIQUE (number, node_id)
);
