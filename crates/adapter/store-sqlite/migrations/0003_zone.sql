-- The time zone in which a meeting's hours are meant, by its name in the tz database. That of a meeting from before is told when its file is
-- applied again.

ALTER TABLE meeting ADD COLUMN zone TEXT NOT NULL DEFAULT 'UTC';
