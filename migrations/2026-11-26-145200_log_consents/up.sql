-- What a person agreed to, and took back: the newest row of a purpose holds.
CREATE TABLE consents (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    purpose text NOT NULL,
    -- Of the text the person was shown.
    text_version integer NOT NULL CONSTRAINT consents_text_version_positive CHECK (text_version > 0),
    given boolean NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX consents_account_id_idx ON consents (account_id, purpose, id);
CREATE TRIGGER consents_are_append_only BEFORE UPDATE OR DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consents_are_not_truncated BEFORE TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
