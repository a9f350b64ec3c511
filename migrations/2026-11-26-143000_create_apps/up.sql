-- Programs act too: by themselves, or for one enterprise in the name of a member who agreed. They have no address of their own.
ALTER TABLE accounts ADD COLUMN kind text NOT NULL DEFAULT 'person'
    CONSTRAINT accounts_kind_known CHECK (kind IN ('person', 'app'));
ALTER TABLE accounts DROP CONSTRAINT accounts_reachable;
ALTER TABLE accounts ADD CONSTRAINT accounts_reachable CHECK (kind = 'app' OR email IS NOT NULL OR mobile IS NOT NULL);

-- Programs of third parties.
CREATE TABLE apps (
    id uuid PRIMARY KEY,
    -- None: the platform's own.
    enterprise_id uuid REFERENCES enterprises (id),
    -- What it acts as by itself.
    account_id uuid NOT NULL CONSTRAINT apps_account_id_key UNIQUE REFERENCES accounts (id),
    -- Keeps no secret: runs on machines of those who use it.
    public boolean NOT NULL,
    name text NOT NULL,
    description text,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    status text NOT NULL CONSTRAINT apps_status_known CHECK (status IN ('active', 'suspended', 'deleted')),
    -- Why it is suspended.
    reason text,
    -- None: as everybody.
    requests_per_minute integer CONSTRAINT apps_quota_positive CHECK (requests_per_minute > 0),
    version integer NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX apps_enterprise_id_idx ON apps (enterprise_id, id);

-- What an app shows at the token endpoint; only the hash of the secret is kept.
CREATE TABLE app_keys (
    id uuid PRIMARY KEY,
    app_id uuid NOT NULL REFERENCES apps (id),
    public_id text NOT NULL CONSTRAINT app_keys_public_id_key UNIQUE,
    secret_hash bytea NOT NULL,
    name text,
    scopes text[] NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    -- At most a minute old.
    last_used_at timestamptz
);
CREATE INDEX app_keys_app_id_idx ON app_keys (app_id, id);

-- A person let an app act for them: everywhere, or for one enterprise through an account of its own.
CREATE TABLE app_authorizations (
    id uuid PRIMARY KEY,
    app_id uuid NOT NULL REFERENCES apps (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    enterprise_id uuid REFERENCES enterprises (id),
    delegate_id uuid REFERENCES accounts (id),
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    -- Agreed to again, perhaps to other scopes.
    updated_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT app_authorizations_delegated CHECK ((enterprise_id IS NULL) = (delegate_id IS NULL))
);
CREATE UNIQUE INDEX app_authorizations_standing_key ON app_authorizations
    (app_id, account_id, coalesce(enterprise_id, '00000000-0000-0000-0000-000000000000')) WHERE revoked_at IS NULL;
CREATE INDEX app_authorizations_account_id_idx ON app_authorizations (account_id, id);

-- An app signs in as well; its session lasts as long as what it rests on.
ALTER TABLE sessions
    ADD COLUMN app_id uuid REFERENCES apps (id),
    ADD COLUMN key_id uuid REFERENCES app_keys (id),
    ADD COLUMN authorization_id uuid REFERENCES app_authorizations (id),
    ADD COLUMN scopes text[],
    ADD CONSTRAINT sessions_of_apps_are_scoped CHECK ((app_id IS NULL) = (scopes IS NULL));
CREATE INDEX sessions_app_id_idx ON sessions (app_id) WHERE app_id IS NOT NULL;

CREATE TABLE authorization_codes (
    code_hash bytea PRIMARY KEY,
    authorization_id uuid NOT NULL REFERENCES app_authorizations (id),
    redirect_uri text NOT NULL,
    code_challenge text NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    -- What its one use gave. No foreign key: sessions are forgotten earlier.
    session_id uuid
);
CREATE INDEX authorization_codes_expires_at_idx ON authorization_codes (expires_at);

CREATE TABLE app_usage (
    app_id uuid NOT NULL REFERENCES apps (id),
    -- UTC.
    day date NOT NULL,
    requests bigint NOT NULL,
    refused bigint NOT NULL,
    PRIMARY KEY (app_id, day)
);
