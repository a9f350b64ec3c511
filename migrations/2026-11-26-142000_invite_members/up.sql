-- Somebody is asked to act for an enterprise. Of the token that proves the asking only a hash is kept.
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    role text NOT NULL CONSTRAINT invitations_role_known CHECK (role IN ('owner', 'trader', 'signatory', 'viewer')),
    -- Whom: one of the two.
    email text,
    mobile text,
    token_hash bytea NOT NULL CONSTRAINT invitations_token_hash_length CHECK (octet_length(token_hash) = 32),
    -- `expired` is computed when reading.
    status text NOT NULL CONSTRAINT invitations_status_known
        CHECK (status IN ('pending', 'accepted', 'declined', 'revoked')),
    invited_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz,
    CONSTRAINT invitations_email_or_mobile CHECK ((email IS NULL) <> (mobile IS NULL)),
    CONSTRAINT invitations_decided CHECK ((status = 'pending') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);
CREATE INDEX invitations_enterprise_id_idx ON invitations (enterprise_id, id);
-- How often somebody was asked.
CREATE INDEX invitations_email_idx ON invitations (email, created_at) WHERE email IS NOT NULL;
CREATE INDEX invitations_mobile_idx ON invitations (mobile, created_at) WHERE mobile IS NOT NULL;
