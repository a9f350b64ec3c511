DROP INDEX credentials_ending_idx;
ALTER TABLE credentials DROP COLUMN expiry_noted_at;
DROP TABLE credential_files;
DROP TABLE evidence_files;
