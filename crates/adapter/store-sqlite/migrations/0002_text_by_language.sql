-- A text becomes a JSON object by language, as the values of `personal` are already, so that a third language needs no column.
-- A language in which it is empty is not there. And a run may be what people do after a meeting (`office`).

ALTER TABLE organisation RENAME COLUMN zh TO name;
UPDATE organisation SET name = json_patch('{}', json_object('zh', nullif(name, ''), 'en', nullif(en, '')));
ALTER TABLE organisation DROP COLUMN en;

ALTER TABLE tier RENAME COLUMN zh TO name;
UPDATE tier SET name = json_patch('{}', json_object('zh', nullif(name, ''), 'en', nullif(en, '')));
ALTER TABLE tier DROP COLUMN en;

ALTER TABLE unit RENAME COLUMN name_zh TO name;
ALTER TABLE unit RENAME COLUMN short_zh TO short;
UPDATE unit SET
    name = json_patch('{}', json_object('zh', nullif(name, ''), 'en', nullif(name_en, ''))),
    short = json_patch('{}', json_object('zh', nullif(short, ''), 'en', nullif(short_en, '')));
ALTER TABLE unit DROP COLUMN name_en;
ALTER TABLE unit DROP COLUMN short_en;

ALTER TABLE venue RENAME COLUMN name_zh TO name;
ALTER TABLE venue RENAME COLUMN short_zh TO short;
UPDATE venue SET
    name = json_patch('{}', json_object('zh', nullif(name, ''), 'en', nullif(name_en, ''))),
    short = json_patch('{}', json_object('zh', nullif(short, ''), 'en', nullif(short_en, '')));
ALTER TABLE venue DROP COLUMN name_en;
ALTER TABLE venue DROP COLUMN short_en;

ALTER TABLE source RENAME COLUMN name_zh TO name;
UPDATE source SET name = json_patch('{}', json_object('zh', nullif(name, ''), 'en', nullif(name_en, '')));
ALTER TABLE source DROP COLUMN name_en;

ALTER TABLE meeting RENAME COLUMN title_zh TO title;
UPDATE meeting SET title = json_patch('{}', json_object('zh', nullif(title, ''), 'en', nullif(title_en, '')));
ALTER TABLE meeting DROP COLUMN title_en;

ALTER TABLE item RENAME COLUMN title_zh TO title;
UPDATE item SET title = json_patch('{}', json_object('zh', nullif(title, ''), 'en', nullif(title_en, '')));
ALTER TABLE item DROP COLUMN title_en;

-- SQLite changes no CHECK, so the table is made anew. Nothing checks references while the schema is migrated.
CREATE TABLE run_with_office (
    id         TEXT NOT NULL PRIMARY KEY,
    meeting    TEXT NOT NULL REFERENCES meeting (id),
    kind       TEXT NOT NULL CHECK (kind IN ('joint_test', 'run_through', 'held', 'office')),
    created_ms INTEGER NOT NULL,
    epoch      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO run_with_office SELECT id, meeting, kind, created_ms, epoch FROM run;
DROP TABLE run;
ALTER TABLE run_with_office RENAME TO run;
CREATE INDEX run_of_meeting ON run (meeting);
