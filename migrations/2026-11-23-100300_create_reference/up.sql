-- Reference data: the database is the truth, the files of the product seed it. Codes are retired, never deleted or reused.
CREATE TABLE reference_items (
    scheme text NOT NULL,
    code text NOT NULL,
    document jsonb NOT NULL,
    retired_at timestamptz,
    PRIMARY KEY (scheme, code)
);
CREATE TABLE reference_versions (
    scheme text PRIMARY KEY,
    version integer NOT NULL,
    sha256 bytea NOT NULL,
    loaded_at timestamptz NOT NULL,
    -- `built_in` until an administrator loads another edition.
    source text NOT NULL
);
-- Policy and statistics of matching: a match names the versions it used.
CREATE TABLE matching_policies (
    version integer PRIMARY KEY,
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE matching_statistics (
    version integer PRIMARY KEY,
    as_of timestamptz NOT NULL,
    document jsonb NOT NULL
);
