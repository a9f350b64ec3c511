ALTER TABLE apps DROP COLUMN requests_per_day;
