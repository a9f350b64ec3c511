-- An enterprise lets an association act for it.
CREATE TABLE mandates (
    id uuid PRIMARY KEY,
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    association_id uuid NOT NULL REFERENCES enterprises (id),
    scopes text[] NOT NULL CONSTRAINT mandates_scopes_known
        CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['post', 'trade']),
    -- The last moment; none: until it is revoked.
    valid_until timestamptz,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    revoked_by uuid REFERENCES accounts (id),
    revoked_at timestamptz,
    CONSTRAINT mandates_another CHECK (enterprise_id <> association_id),
    CONSTRAINT mandates_revoked CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE UNIQUE INDEX mandates_standing_key ON mandates (enterprise_id, association_id) WHERE revoked_at IS NULL;
CREATE INDEX mandates_enterprise_id_idx ON mandates (enterprise_id, id);
CREATE INDEX mandates_association_id_idx ON mandates (association_id, id);

-- What was done under a mandate.
CREATE TABLE mandate_acts (
    id uuid PRIMARY KEY,
    mandate_id uuid NOT NULL REFERENCES mandates (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    type text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX mandate_acts_mandate_id_idx ON mandate_acts (mandate_id, id);
CREATE INDEX mandate_acts_entity_idx ON mandate_acts (entity, entity_id);

-- Who acts for an enterprise: its members, and while a mandate stands those who trade for the association. Each with what
-- for; the mandate is null for members.
CREATE VIEW acting_roles AS
    SELECT account_id, enterprise_id, role, NULL::uuid AS mandate_id, ARRAY['post', 'trade'] AS scopes FROM memberships
    UNION ALL
    SELECT memberships.account_id, mandates.enterprise_id, 'trader', mandates.id, mandates.scopes
    FROM mandates
    JOIN memberships ON memberships.enterprise_id = mandates.association_id AND memberships.role IN ('owner', 'trader')
    JOIN enterprises ON enterprises.id = mandates.association_id AND enterprises.status = 'verified'
    WHERE mandates.revoked_at IS NULL AND (mandates.valid_until IS NULL OR mandates.valid_until > now());
