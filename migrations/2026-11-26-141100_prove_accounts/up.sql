-- A person is known by a password, by one-time codes sent to an address or number, or both.
ALTER TABLE accounts
    ALTER COLUMN password_hash DROP NOT NULL,
    -- 15 characters or more, as roles of the platform want; the password itself is not kept.
    ADD COLUMN password_long boolean NOT NULL DEFAULT false,
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN mobile_verified_at timestamptz,
    DROP CONSTRAINT accounts_status_known,
    -- disabled: by an administrator; deactivated: by its owner.
    ADD CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled', 'deactivated'));
UPDATE accounts SET password_long = true WHERE id IN (SELECT account_id FROM platform_roles);

ALTER TABLE sessions
    ADD COLUMN device text NOT NULL DEFAULT '',
    ADD COLUMN last_used_at timestamptz,
    -- Keyed hash of what was signed in with and from which address: tells a known address, names none.
    ADD COLUMN address_key bytea;
UPDATE sessions SET last_used_at = created_at;
ALTER TABLE sessions ALTER COLUMN last_used_at SET NOT NULL;
CREATE INDEX sessions_address_key_idx ON sessions (address_key);

-- Codes sent to an address or number; both only as keyed hashes.
CREATE TABLE one_time_codes (
    id uuid PRIMARY KEY,
    -- Of purpose and address, or purpose, address and account.
    target bytea NOT NULL,
    code_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX one_time_codes_target_idx ON one_time_codes (target);
CREATE INDEX one_time_codes_expires_at_idx ON one_time_codes (expires_at);

-- How often something was tried; `key` is a keyed hash of what is counted.
CREATE TABLE throttles (
    key bytea PRIMARY KEY,
    count integer NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX throttles_last_at_idx ON throttles (last_at);
