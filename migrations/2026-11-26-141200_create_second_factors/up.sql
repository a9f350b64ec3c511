-- A generator of one-time passwords (RFC 6238); its secret is encrypted. It counts once it is confirmed.
CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts (id),
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    -- The newest step of time whose code was taken: none works twice.
    last_step bigint NOT NULL DEFAULT 0
);

-- For when the generator is lost; only keyed hashes, each for one use.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts (id),
    code_hash bytea NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

-- Half a sign-in: the first factor was right, the second is awaited.
CREATE TABLE sign_in_tickets (
    ticket_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    address_key bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_tickets_expires_at_idx ON sign_in_tickets (expires_at);
CREATE INDEX sign_in_tickets_account_id_idx ON sign_in_tickets (account_id);
