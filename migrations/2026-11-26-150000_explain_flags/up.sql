-- By which thresholds a flag was raised, and with which version of the listing and of the thresholds it went. Not known of
-- flags from before.
ALTER TABLE listing_flags
    ADD COLUMN policy_version integer,
    ADD COLUMN cleared_version integer,
    ADD COLUMN cleared_policy_version integer,
    ADD CONSTRAINT listing_flags_cleared CHECK (
        cleared_at IS NOT NULL OR num_nonnulls(cleared_version, cleared_policy_version) = 0);
