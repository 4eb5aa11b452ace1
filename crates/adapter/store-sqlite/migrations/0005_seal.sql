-- A sum over the tables that are in no chain, and the schema in which it was made.
CREATE TABLE seal (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    schema INTEGER NOT NULL,
    sum    BLOB NOT NULL
) STRICT;
