-- A checksum for each row, and their sum in the state: what a disk has changed is found, and tables at one slot can be compared.
-- The program fills them in for rows that were there before, in the same transaction.

ALTER TABLE key_values ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN rows_hash INTEGER NOT NULL DEFAULT 0;
