-- What an enterprise says it holds, and what a moderator made of it.
CREATE TABLE credentials (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    status text NOT NULL CONSTRAINT credentials_status_known CHECK (status IN ('pending', 'accepted', 'rejected')),
    scheme text NOT NULL,
    number text NOT NULL,
    issuer text NOT NULL,
    valid_from date,
    valid_to date,
    -- Codes of categories; none: all.
    covers text[] NOT NULL,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid REFERENCES accounts (id),
    reason text,
    CONSTRAINT credentials_days_ordered CHECK (valid_from <= valid_to),
    CONSTRAINT credentials_decided CHECK ((status = 'pending') = (decided_at IS NULL))
);
CREATE INDEX credentials_enterprise_id_idx ON credentials (enterprise_id, id);
CREATE INDEX credentials_pending_idx ON credentials (id) WHERE status = 'pending';

-- Whom an enterprise does not want to deal with.
CREATE TABLE enterprise_blocks (
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    blocked_id uuid NOT NULL REFERENCES enterprises (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (enterprise_id, blocked_id),
    CONSTRAINT enterprise_blocks_another CHECK (enterprise_id <> blocked_id)
);

-- What matching needs of both, kept beside the profile: made anew from these tables whenever they change.
ALTER TABLE enterprises ADD COLUMN standing jsonb NOT NULL DEFAULT '{}';
