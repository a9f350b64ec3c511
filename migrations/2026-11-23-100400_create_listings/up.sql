CREATE TABLE listings (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    status text NOT NULL CONSTRAINT listings_status_known CHECK (status IN
        ('draft', 'pending_review', 'published', 'fulfilled', 'expired', 'withdrawn', 'rejected', 'suspended')),
    version integer NOT NULL DEFAULT 1,
    -- What the poster wrote: one JSON document, to which a merge patch applies as it stands.
    terms jsonb NOT NULL,
    external_id text GENERATED ALWAYS AS (terms ->> 'external_id') STORED,
    valid_until timestamptz NOT NULL,
    outcome text CONSTRAINT listings_outcome_known CHECK (outcome IN ('met_here', 'met_elsewhere', 'not_needed')),
    counterpart_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    confirmed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX listings_external_id_key ON listings (enterprise_id, external_id);
CREATE INDEX listings_enterprise_id_idx ON listings (enterprise_id, status);
CREATE INDEX listings_open_idx ON listings (valid_until) WHERE status = 'published';

-- The quantity ledger: one row per listing and period, in the listing's own unit. No row: the quantity is unknown.
CREATE TABLE listing_ledger (
    listing_id uuid NOT NULL REFERENCES listings (id),
    -- 0 for a total; else the day, week or month counted from the start of the delivery period.
    period smallint NOT NULL CONSTRAINT listing_ledger_period_bounded CHECK (period BETWEEN 0 AND 399),
    starts_on date,
    ends_on date,
    quantity numeric(19, 6) NOT NULL CONSTRAINT listing_ledger_quantity_bounded
        CHECK (quantity > 0 AND quantity <= 1000000000000),
    reserved numeric(19, 6) NOT NULL DEFAULT 0 CONSTRAINT listing_ledger_reserved_not_negative CHECK (reserved >= 0),
    committed numeric(19, 6) NOT NULL DEFAULT 0 CONSTRAINT listing_ledger_committed_not_negative CHECK (committed >= 0),
    fulfilled numeric(19, 6) NOT NULL DEFAULT 0 CONSTRAINT listing_ledger_fulfilled_not_negative CHECK (fulfilled >= 0),
    PRIMARY KEY (listing_id, period),
    CONSTRAINT listing_ledger_within_quantity CHECK (reserved + committed + fulfilled <= quantity),
    CONSTRAINT listing_ledger_days_ordered CHECK (starts_on <= ends_on)
);
