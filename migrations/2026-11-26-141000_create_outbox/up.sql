-- Messages that leave the installation. Written with what they tell of, sent after the commit by a job; who gets them and
-- what they say is encrypted, and forgotten once they are sent or given up.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    channel text NOT NULL CONSTRAINT outbox_channel_known CHECK (channel IN ('email', 'mobile')),
    template text NOT NULL,
    sealed bytea,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    failure text,
    CONSTRAINT outbox_sealed_while_waiting CHECK ((sealed IS NULL) = (ended_at IS NOT NULL))
);
CREATE INDEX outbox_due_at_idx ON outbox (due_at) WHERE ended_at IS NULL;
CREATE INDEX outbox_ended_at_idx ON outbox (ended_at) WHERE ended_at IS NOT NULL;
