-- When a link was made and when somebody last came with it, for the list of links; unknown of those from before.
ALTER TABLE token ADD COLUMN made_ms INTEGER;
ALTER TABLE token ADD COLUMN used_ms INTEGER;
