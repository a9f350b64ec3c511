DELETE FROM matching_statistics WHERE document IS NULL;
ALTER TABLE matching_statistics ALTER COLUMN document SET NOT NULL;

DROP TRIGGER matching_policies_are_not_truncated ON matching_policies;
DROP TRIGGER matching_policies_are_append_only ON matching_policies;
ALTER TABLE matching_policies
    DROP CONSTRAINT matching_policies_reasoned,
    DROP CONSTRAINT matching_policies_version_positive,
    DROP COLUMN reason,
    DROP COLUMN author_id;
