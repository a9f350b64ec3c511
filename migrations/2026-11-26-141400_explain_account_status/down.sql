ALTER TABLE accounts DROP COLUMN status_reason, DROP COLUMN status_changed_at, DROP COLUMN status_changed_by;
