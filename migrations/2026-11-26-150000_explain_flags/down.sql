ALTER TABLE listing_flags
    DROP CONSTRAINT listing_flags_cleared,
    DROP COLUMN cleared_policy_version,
    DROP COLUMN cleared_version,
    DROP COLUMN policy_version;
