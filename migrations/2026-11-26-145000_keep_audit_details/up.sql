-- Events carry names; what stood before and after, and from where it was done, stands apart and can be erased. The event
-- keeps a salted digest of it, which the chain covers: an erased detail leaves the chain as it was, an altered one shows.
ALTER TABLE events_pending ADD COLUMN detail_hash bytea;
ALTER TABLE events ADD COLUMN detail_hash bytea;

CREATE TABLE audit_details (
    event_id uuid PRIMARY KEY,
    address text,
    request_id text,
    app_id uuid,
    -- How, where nobody asked for it over the API: `command:import`, `job:expiry`.
    how text,
    -- JSON as it was hashed, byte for byte; the fields that changed.
    before text,
    after text,
    salt bytea,
    erased_at timestamptz,
    -- The event that tells of the erasure.
    erasure_id uuid,
    CONSTRAINT audit_details_erased_whole CHECK (
        (erased_at IS NULL AND erasure_id IS NULL AND salt IS NOT NULL)
        OR (erased_at IS NOT NULL AND erasure_id IS NOT NULL
            AND num_nonnulls(address, request_id, app_id, how, before, after, salt) = 0))
);
CREATE INDEX audit_details_erasure_id_idx ON audit_details (erasure_id) WHERE erasure_id IS NOT NULL;

-- The one change a detail knows: from whole to erased.
CREATE FUNCTION refuse_detail_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.event_id = OLD.event_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_details is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_details_are_only_erased BEFORE UPDATE ON audit_details
    FOR EACH ROW EXECUTE FUNCTION refuse_detail_change();
CREATE TRIGGER audit_details_are_append_only BEFORE DELETE ON audit_details
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_details_are_not_truncated BEFORE TRUNCATE ON audit_details
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What auditors filter by.
CREATE INDEX events_actor_idx ON events (actor, seq);
CREATE INDEX events_entity_name_idx ON events (entity, seq);
CREATE INDEX events_type_idx ON events (type, seq);
CREATE INDEX events_at_idx ON events (at);
CREATE INDEX events_enterprise_ids_idx ON events USING gin (enterprise_ids) WHERE enterprise_ids <> '{}';
