-- Files an enterprise proves things with. The bytes are elsewhere, under `<enterprise_id>/<id>`.
CREATE TABLE evidence_files (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    name text NOT NULL,
    -- As the bytes say.
    file_type text NOT NULL CONSTRAINT evidence_files_type_known CHECK (file_type IN ('pdf', 'jpeg', 'png', 'webp', 'heic')),
    size integer NOT NULL CONSTRAINT evidence_files_size_positive CHECK (size > 0),
    sha256 bytea NOT NULL CONSTRAINT evidence_files_sha256_length CHECK (octet_length(sha256) = 32),
    uploaded_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL
);
-- The same bytes again are the same file.
CREATE UNIQUE INDEX evidence_files_content_key ON evidence_files (enterprise_id, sha256);
CREATE INDEX evidence_files_created_at_idx ON evidence_files (created_at);

-- What credentials are proved by.
CREATE TABLE credential_files (
    credential_id uuid NOT NULL REFERENCES credentials (id),
    file_id uuid NOT NULL REFERENCES evidence_files (id),
    PRIMARY KEY (credential_id, file_id)
);
CREATE INDEX credential_files_file_id_idx ON credential_files (file_id);

-- When its end was written down; whether it is over is computed when reading.
ALTER TABLE credentials ADD COLUMN expiry_noted_at timestamptz;
CREATE INDEX credentials_ending_idx ON credentials (valid_to) WHERE status = 'accepted' AND expiry_noted_at IS NULL;
