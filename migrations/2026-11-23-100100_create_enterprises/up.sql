CREATE TABLE enterprises (
    id uuid PRIMARY KEY,
    status text NOT NULL CONSTRAINT enterprises_status_known
        CHECK (status IN ('unclaimed', 'pending', 'verified', 'rejected', 'suspended', 'closed')),
    country text NOT NULL,
    uscc text,
    legal_name text NOT NULL,
    -- What its members wrote: one JSON document, to which a merge patch applies as it stands.
    profile jsonb NOT NULL,
    merged_into uuid REFERENCES enterprises (id),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
-- Whoever registers first does not own a firm: a code is unique among verified enterprises only.
CREATE UNIQUE INDEX enterprises_verified_uscc_key ON enterprises (uscc) WHERE status = 'verified';
CREATE INDEX enterprises_uscc_idx ON enterprises (uscc);
-- Imported organisations are found again by their name.
CREATE UNIQUE INDEX enterprises_unclaimed_legal_name_key ON enterprises (country, legal_name) WHERE status = 'unclaimed';

CREATE TABLE memberships (
    account_id uuid NOT NULL REFERENCES accounts (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    role text NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'trader', 'signatory', 'viewer')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, enterprise_id)
);
CREATE INDEX memberships_enterprise_id_idx ON memberships (enterprise_id);
