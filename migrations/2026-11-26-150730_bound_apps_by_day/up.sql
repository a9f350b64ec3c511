-- How much an app may ask for on a day (UTC), whichever process it asks; none: as everybody.
ALTER TABLE apps ADD COLUMN requests_per_day integer CONSTRAINT apps_daily_quota_positive CHECK (requests_per_day > 0);
