CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text,
    mobile text,
    password_hash text NOT NULL,
    display_name text NOT NULL,
    status text NOT NULL DEFAULT 'active' CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled')),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT accounts_reachable CHECK (email IS NOT NULL OR mobile IS NOT NULL)
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email);
CREATE UNIQUE INDEX accounts_mobile_key ON accounts (mobile);

-- Roles of the platform belong to an account and to a region subtree; no region: everywhere.
CREATE TABLE platform_roles (
    account_id uuid NOT NULL REFERENCES accounts (id),
    role text NOT NULL CONSTRAINT platform_roles_role_known CHECK (role IN ('admin', 'moderator', 'officer')),
    region_code text NOT NULL DEFAULT '',
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, role, region_code)
);

-- One row per sign-in: the family of its refresh tokens.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_account_id_idx ON sessions (account_id);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    successor_hash bytea
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

-- The stored answer of a write that carried an Idempotency-Key, written with its effect.
CREATE TABLE idempotency_keys (
    account_id uuid NOT NULL REFERENCES accounts (id),
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
