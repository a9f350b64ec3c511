-- What the program noticed about a listing: a code with parameters, never a punishment. What no longer holds is cleared, not
-- deleted.
CREATE TABLE listing_flags (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    code text NOT NULL,
    -- What tells flags of one code apart: a word, another listing.
    subject text NOT NULL,
    params jsonb NOT NULL,
    -- Where it was read, and for moderators whom else it concerns.
    evidence jsonb NOT NULL,
    listing_version integer NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    answer text,
    answered_by uuid REFERENCES accounts (id),
    answered_at timestamptz,
    CONSTRAINT listing_flags_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX listing_flags_open_key ON listing_flags (listing_id, code, subject) WHERE cleared_at IS NULL;
CREATE INDEX listing_flags_listing_id_idx ON listing_flags (listing_id, id);

-- By which listings of like texts find one another.
CREATE TABLE listing_prints (
    listing_id uuid PRIMARY KEY REFERENCES listings (id),
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    side text NOT NULL,
    kind text NOT NULL,
    bands bigint[] NOT NULL,
    -- Of the lists and thresholds it was last looked at with.
    edition bigint NOT NULL
);
CREATE INDEX listing_prints_edition_idx ON listing_prints (edition);
CREATE INDEX listing_prints_enterprise_id_idx ON listing_prints (enterprise_id);
CREATE INDEX listing_prints_bands_idx ON listing_prints USING gin (bands);

-- Enterprises by the numbers of their contacts.
CREATE INDEX enterprises_contacts_idx ON enterprises USING gin ((profile -> 'contacts') jsonb_path_ops);
