-- A plan a buyer kept: how much to take of whom, as it was computed. It holds nothing: quantities move with awards alone.
CREATE TABLE bundles (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    needed numeric(19, 6) NOT NULL CONSTRAINT bundles_needed_not_negative CHECK (needed >= 0),
    unit_code text NOT NULL,
    plan jsonb NOT NULL,
    policy_version integer NOT NULL,
    stats_version integer NOT NULL,
    as_of timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL
);
CREATE INDEX bundles_listing_id_idx ON bundles (listing_id);
CREATE INDEX bundles_enterprise_id_idx ON bundles (enterprise_id);
