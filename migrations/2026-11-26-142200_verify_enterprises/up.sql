-- What an enterprise asks those to decide who answer for its region: to be verified, or to look again at a decision.
CREATE TABLE verifications (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    purpose text NOT NULL CONSTRAINT verifications_purpose_known CHECK (purpose IN ('application', 'appeal')),
    method text NOT NULL CONSTRAINT verifications_method_known
        CHECK (method IN ('licence', 'letter_of_authority', 'bank_transfer', 'roster_phone', 'other')),
    status text NOT NULL CONSTRAINT verifications_status_known CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
    statement text,
    -- What was claimed then, `{"uscc", "legal_name"}`: a decision is about this and nothing else.
    identity jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    -- Who looks at it, and until when nobody else decides.
    claimed_by uuid REFERENCES accounts (id),
    claimed_until timestamptz,
    -- None: the roster decided, or the verification of another.
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz,
    reason_code text,
    reason text,
    CONSTRAINT verifications_decided CHECK ((status = 'pending') = (decided_at IS NULL)),
    CONSTRAINT verifications_claimed CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
CREATE UNIQUE INDEX verifications_pending_key ON verifications (enterprise_id) WHERE status = 'pending';
CREATE INDEX verifications_enterprise_id_idx ON verifications (enterprise_id, id);
CREATE INDEX verifications_queue_idx ON verifications (id) WHERE status = 'pending';

CREATE TABLE verification_files (
    verification_id uuid NOT NULL REFERENCES verifications (id),
    file_id uuid NOT NULL REFERENCES evidence_files (id),
    PRIMARY KEY (verification_id, file_id)
);
CREATE INDEX verification_files_file_id_idx ON verification_files (file_id);

-- Why an enterprise stands as it does: each change of its status by somebody else than its members.
CREATE TABLE enterprise_decisions (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    action text NOT NULL CONSTRAINT enterprise_decisions_action_known
        CHECK (action IN ('verified', 'rejected', 'suspended', 'restored', 'upheld', 'merged')),
    from_status text NOT NULL,
    to_status text NOT NULL,
    verification_id uuid REFERENCES verifications (id),
    method text,
    level text CONSTRAINT enterprise_decisions_level_known CHECK (level IN ('basic', 'substantial', 'high')),
    reason_code text,
    reason text,
    -- None: the program, by a rule.
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz NOT NULL,
    CONSTRAINT enterprise_decisions_verified_how CHECK (action <> 'verified' OR (method IS NOT NULL AND level IS NOT NULL))
);
CREATE INDEX enterprise_decisions_enterprise_id_idx ON enterprise_decisions (enterprise_id, id);

-- Codes that fail their check characters and are real all the same.
CREATE TABLE uscc_exceptions (
    uscc text PRIMARY KEY,
    reason text NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL
);
CREATE INDEX enterprises_merged_into_idx ON enterprises (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX enterprises_status_idx ON enterprises (status, id);

-- Kinds are many and grow: which there are, the program knows.
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind ~ '^[a-z_]{1,60}$');
