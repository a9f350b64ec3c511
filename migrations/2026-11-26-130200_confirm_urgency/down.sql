ALTER TABLE listings DROP COLUMN urgency_confirmed_by, DROP COLUMN urgency_confirmed_at;
