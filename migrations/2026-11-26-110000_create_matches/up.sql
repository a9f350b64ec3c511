-- A need and an offer that match, written when one of them arrived or changed.
CREATE TABLE matches (
    id uuid PRIMARY KEY,
    need_id uuid NOT NULL REFERENCES listings (id),
    offer_id uuid NOT NULL REFERENCES listings (id),
    -- Of the listings, when the pair was last looked at.
    need_version integer NOT NULL,
    offer_version integer NOT NULL,
    -- What the scores were made with.
    policy_version integer NOT NULL,
    stats_version integer NOT NULL,
    as_of timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT matches_pair_key UNIQUE (need_id, offer_id)
);
CREATE INDEX matches_need_id_idx ON matches (need_id, created_at);
CREATE INDEX matches_offer_id_idx ON matches (offer_id, created_at);

-- What either side sees of it and makes of it; none for a side that may not see the other.
CREATE TABLE match_sides (
    match_id uuid NOT NULL REFERENCES matches (id),
    side text NOT NULL CONSTRAINT match_sides_side_known CHECK (side IN ('need', 'offer')),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    listing_id uuid NOT NULL REFERENCES listings (id),
    status text NOT NULL CONSTRAINT match_sides_status_known CHECK (status IN
        ('suggested', 'viewed', 'shortlisted', 'converted', 'dismissed', 'stale')),
    -- Scores, factors and checks as codes with values, from this side.
    explanation jsonb NOT NULL,
    reason text CONSTRAINT match_sides_reason_known CHECK (reason IN
        ('price', 'quantity', 'distance', 'time', 'quality', 'terms', 'counterpart', 'not_relevant', 'already_met', 'other')),
    note text,
    decided_by uuid,
    decided_at timestamptz,
    -- The versions of the pair that this side was last notified of.
    notified_need_version integer,
    notified_offer_version integer,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (match_id, side),
    CONSTRAINT match_sides_dismissed_with_reason CHECK ((status = 'dismissed') = (reason IS NOT NULL))
);
CREATE INDEX match_sides_enterprise_id_idx ON match_sides (enterprise_id, match_id);
CREATE INDEX match_sides_listing_id_idx ON match_sides (listing_id, match_id);
-- For weighting by what people turn down.
CREATE INDEX match_sides_reason_idx ON match_sides (reason, decided_at) WHERE status = 'dismissed';

-- What an enterprise is told: a code with parameters, rendered when it is read.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    kind text NOT NULL CONSTRAINT notifications_kind_known CHECK (kind IN ('match_suggested')),
    params jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_enterprise_id_idx ON notifications (enterprise_id, id);
CREATE INDEX notifications_created_at_idx ON notifications (enterprise_id, created_at);

-- How far who follows the event log has come.
CREATE TABLE consumers (
    name text PRIMARY KEY,
    position bigint NOT NULL
);
