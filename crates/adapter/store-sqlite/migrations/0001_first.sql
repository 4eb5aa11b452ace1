-- The store of one organisation. Texts come in two columns, zh and en. Times are milliseconds since 1970-01-01T00:00:00Z.
-- References within the directory are deferred, since a meeting file replaces all of it in one transaction.

-- Names of people and free text, apart from all else: erasing a row leaves the log and its chain whole.
CREATE TABLE personal (
    id    TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    zh  TEXT NOT NULL,
    en  TEXT NOT NULL
) STRICT;

CREATE TABLE tier (
    place INTEGER NOT NULL PRIMARY KEY,
    zh    TEXT NOT NULL,
    en    TEXT NOT NULL
) STRICT;

CREATE TABLE unit (
    id       TEXT NOT NULL PRIMARY KEY,
    upper    TEXT REFERENCES unit (id) DEFERRABLE INITIALLY DEFERRED,
    rank     INTEGER NOT NULL,
    name_zh  TEXT NOT NULL,
    name_en  TEXT NOT NULL,
    short_zh TEXT NOT NULL,
    short_en TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE venue (
    id         TEXT NOT NULL PRIMARY KEY,
    unit       TEXT NOT NULL REFERENCES unit (id) DEFERRABLE INITIALLY DEFERRED,
    rank       INTEGER NOT NULL,
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    short_zh   TEXT NOT NULL,
    short_en   TEXT NOT NULL,
    technician TEXT REFERENCES personal (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id      TEXT NOT NULL PRIMARY KEY,
    venue   TEXT NOT NULL REFERENCES venue (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    UNIQUE (venue, place)
) STRICT, WITHOUT ROWID;

-- Words that a search finds a venue by.
CREATE TABLE venue_word (
    venue TEXT NOT NULL REFERENCES venue (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    word  TEXT NOT NULL,
    PRIMARY KEY (venue, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id   TEXT NOT NULL PRIMARY KEY,
    unit TEXT NOT NULL REFERENCES unit (id) DEFERRABLE INITIALLY DEFERRED,
    rank INTEGER NOT NULL,
    name TEXT REFERENCES personal (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE meeting (
    id          TEXT NOT NULL PRIMARY KEY,
    title_zh    TEXT NOT NULL,
    title_en    TEXT NOT NULL,
    start_ms    INTEGER,
    chair_venue TEXT NOT NULL REFERENCES venue (id) DEFERRABLE INITIALLY DEFERRED,
    chair       TEXT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    contact     TEXT REFERENCES personal (id) ON DELETE SET NULL,
    codec       TEXT NOT NULL CHECK (codec IN ('vp8', 'h264'))
) STRICT, WITHOUT ROWID;

CREATE TABLE meeting_venue (
    meeting TEXT NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    venue   TEXT NOT NULL REFERENCES venue (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (meeting, place),
    UNIQUE (meeting, venue)
) STRICT, WITHOUT ROWID;

-- The rundown.
CREATE TABLE item (
    meeting  TEXT NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
    place    INTEGER NOT NULL,
    id       TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    minutes  INTEGER NOT NULL,
    start_ms INTEGER,
    person   TEXT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    venue    TEXT REFERENCES venue (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (meeting, place),
    UNIQUE (meeting, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id         TEXT NOT NULL PRIMARY KEY,
    meeting    TEXT NOT NULL REFERENCES meeting (id),
    kind       TEXT NOT NULL CHECK (kind IN ('joint_test', 'run_through', 'held')),
    created_ms INTEGER NOT NULL,
    epoch      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX run_of_meeting ON run (meeting);

-- The log. `body` is the JSON as first written; `hash` covers all else, see `service::chain`.
CREATE TABLE event (
    run   TEXT NOT NULL REFERENCES run (id),
    seq   INTEGER NOT NULL CHECK (seq >= 1),
    epoch INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    ver   INTEGER NOT NULL,
    alg   TEXT NOT NULL,
    body  BLOB NOT NULL,
    prev  BLOB NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- What a token says is in the token; the row is there to list and to revoke it.
CREATE TABLE token (
    id         TEXT NOT NULL PRIMARY KEY,
    meeting    TEXT NOT NULL REFERENCES meeting (id),
    role       TEXT NOT NULL CHECK (role IN ('director', 'chair', 'venue', 'watcher')),
    venue      TEXT,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER,
    CHECK ((role = 'venue') = (venue IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX token_of_meeting ON token (meeting);
