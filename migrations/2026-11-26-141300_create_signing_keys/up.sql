-- Keys that sign access tokens; the private half is encrypted. A retired one still verifies until it ends.
CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    algorithm text NOT NULL CONSTRAINT signing_keys_algorithm_known CHECK (algorithm IN ('EdDSA')),
    public_key bytea NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    ends_at timestamptz
);
