ALTER TABLE listings DROP COLUMN mandate_id;
