-- A use case writes here inside its own transaction; the order of `id` is no promise to anybody.
CREATE TABLE events_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    type text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    version integer NOT NULL,
    audience text NOT NULL CONSTRAINT events_pending_audience_known CHECK (audience IN ('public', 'enterprises', 'staff')),
    enterprise_ids uuid[] NOT NULL DEFAULT '{}',
    actor uuid,
    changed jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL
);

-- The event log: `seq` is dense and ordered after commit, `hash` chains each event to the one before.
CREATE TABLE events (
    seq bigint PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT events_event_id_key UNIQUE,
    type text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    version integer NOT NULL,
    audience text NOT NULL,
    enterprise_ids uuid[] NOT NULL,
    actor uuid,
    changed jsonb NOT NULL,
    at timestamptz NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX events_entity_idx ON events (entity_id, seq);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_are_not_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
