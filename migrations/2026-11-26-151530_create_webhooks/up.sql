-- Where enterprises want to be told of what happens.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    url text NOT NULL,
    description text,
    -- None: all there are.
    event_types text[] NOT NULL,
    enabled boolean NOT NULL,
    enabled_at timestamptz NOT NULL,
    -- Where it was the program that disabled it.
    stop_reason text CONSTRAINT webhook_endpoints_stop_reason_known CHECK (stop_reason IN ('gone', 'failing')),
    stopped_at timestamptz,
    last_success_at timestamptz,
    sealed_secret bytea NOT NULL,
    -- Signs beside the new one until then.
    sealed_former bytea,
    former_until timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT webhook_endpoints_stopped CHECK (stop_reason IS NULL OR NOT enabled),
    CONSTRAINT webhook_endpoints_former CHECK ((sealed_former IS NULL) = (former_until IS NULL))
);
CREATE INDEX webhook_endpoints_enterprise_id_idx ON webhook_endpoints (enterprise_id, id);

-- One event for one endpoint: made from the event log by `seq`, tried until it succeeds or is given up.
CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    body text NOT NULL,
    status text NOT NULL CONSTRAINT webhook_deliveries_status_known CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- All there were, and those since it was made or replayed.
    attempts integer NOT NULL,
    tries integer NOT NULL,
    created_at timestamptz NOT NULL,
    -- When it was made or replayed.
    began_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    -- While an attempt is under way: others may try from then on.
    leased_until timestamptz,
    ended_at timestamptz,
    response_status integer,
    error text,
    CONSTRAINT webhook_deliveries_event_key UNIQUE (endpoint_id, event_id),
    CONSTRAINT webhook_deliveries_ended CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX webhook_deliveries_endpoint_id_idx ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (endpoint_id, due_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_leased_idx ON webhook_deliveries (endpoint_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_deliveries_began_at_idx ON webhook_deliveries (began_at);

CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    response_status integer,
    error text,
    PRIMARY KEY (delivery_id, number)
);

-- Nobody wants to be told of what was before.
INSERT INTO consumers (name, position) SELECT 'webhooks', coalesce(max(seq), 0) FROM events;
