-- Which listings wait for a moderator: versions an administrator writes over the preset of the setting.
CREATE TABLE moderation_policies (
    version integer PRIMARY KEY CONSTRAINT moderation_policies_version_positive CHECK (version > 0),
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    author_id uuid NOT NULL REFERENCES accounts (id),
    reason text NOT NULL
);
CREATE TRIGGER moderation_policies_are_append_only BEFORE UPDATE OR DELETE ON moderation_policies
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER moderation_policies_are_not_truncated BEFORE TRUNCATE ON moderation_policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Listings that wait, and who looks at them.
CREATE TABLE moderation_holds (
    listing_id uuid PRIMARY KEY REFERENCES listings (id),
    -- Of the listing, else of its enterprise.
    region_code text,
    reason text NOT NULL,
    policy_version integer NOT NULL,
    since timestamptz NOT NULL,
    claimed_by uuid REFERENCES accounts (id),
    claimed_until timestamptz,
    CONSTRAINT moderation_holds_claimed CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
CREATE INDEX moderation_holds_since_idx ON moderation_holds (since, listing_id);

-- What was decided of a listing, by whom, for which reasons, and what was seen.
CREATE TABLE moderation_decisions (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    region_code text,
    decision text NOT NULL CONSTRAINT moderation_decisions_decision_known CHECK (decision IN
        ('held', 'approved', 'rejected', 'changes_requested', 'suspended', 'restored')),
    reasons text[] NOT NULL,
    note text,
    listing_version integer NOT NULL,
    -- The terms as they stood, and the codes of the flags that were open.
    terms jsonb NOT NULL,
    flags text[] NOT NULL,
    policy_version integer NOT NULL,
    waiting_since timestamptz,
    appeal_id uuid,
    -- None: the policy.
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz NOT NULL
);
CREATE INDEX moderation_decisions_listing_id_idx ON moderation_decisions (listing_id, decided_at DESC, id DESC);
CREATE INDEX moderation_decisions_decided_at_idx ON moderation_decisions (decided_at) WHERE decided_by IS NOT NULL;
CREATE TRIGGER moderation_decisions_are_append_only BEFORE UPDATE OR DELETE ON moderation_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER moderation_decisions_are_not_truncated BEFORE TRUNCATE ON moderation_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The poster asks for a second look, once for a decision.
CREATE TABLE moderation_appeals (
    id uuid PRIMARY KEY,
    decision_id uuid NOT NULL CONSTRAINT moderation_appeals_decision_key UNIQUE REFERENCES moderation_decisions (id),
    listing_id uuid NOT NULL REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    region_code text,
    text text NOT NULL,
    status text NOT NULL CONSTRAINT moderation_appeals_status_known CHECK (status IN ('open', 'granted', 'denied')),
    note text,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz,
    CONSTRAINT moderation_appeals_decided CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE INDEX moderation_appeals_open_idx ON moderation_appeals (id) WHERE status = 'open';
CREATE INDEX moderation_appeals_listing_id_idx ON moderation_appeals (listing_id, id);

-- What readers say is wrong with a listing.
CREATE TABLE listing_reports (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    region_code text,
    reporter_id uuid NOT NULL REFERENCES accounts (id),
    reason text NOT NULL,
    text text,
    listing_version integer NOT NULL,
    status text NOT NULL CONSTRAINT listing_reports_status_known CHECK (status IN ('open', 'upheld', 'dismissed')),
    note text,
    created_at timestamptz NOT NULL,
    resolved_by uuid REFERENCES accounts (id),
    resolved_at timestamptz,
    CONSTRAINT listing_reports_reporter_key UNIQUE (listing_id, reporter_id),
    CONSTRAINT listing_reports_resolved CHECK ((status = 'open') = (resolved_at IS NULL))
);
CREATE INDEX listing_reports_open_idx ON listing_reports (id) WHERE status = 'open';
CREATE INDEX listing_reports_reporter_id_idx ON listing_reports (reporter_id, created_at);

-- The program knows which kinds there are.
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind ~ '^[a-z_]{1,60}$');
