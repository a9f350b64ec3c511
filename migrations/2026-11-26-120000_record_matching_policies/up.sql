-- Who wrote a version and why; neither where its values came with the program.
ALTER TABLE matching_policies
    ADD COLUMN author_id uuid REFERENCES accounts (id),
    ADD COLUMN reason text,
    ADD CONSTRAINT matching_policies_version_positive CHECK (version > 0),
    ADD CONSTRAINT matching_policies_reasoned CHECK ((author_id IS NULL) = (reason IS NULL));

CREATE TRIGGER matching_policies_are_append_only BEFORE UPDATE OR DELETE ON matching_policies
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER matching_policies_are_not_truncated BEFORE TRUNCATE ON matching_policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Old statistics keep their version and hour, by which matches name them, and let go of their content.
ALTER TABLE matching_statistics ALTER COLUMN document DROP NOT NULL;
