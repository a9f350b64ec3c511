ALTER TABLE enterprises DROP COLUMN standing;
DROP TABLE enterprise_blocks;
DROP TABLE credentials;
