-- Whom an enterprise says it supplies or is supplied by; a relation counts once both say so.
CREATE TABLE enterprise_partners (
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    partner_id uuid NOT NULL REFERENCES enterprises (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (enterprise_id, partner_id),
    CONSTRAINT enterprise_partners_another CHECK (enterprise_id <> partner_id)
);
CREATE INDEX enterprise_partners_partner_id_idx ON enterprise_partners (partner_id, enterprise_id);

-- Lists of enterprises to be supplied first (重点保障企业) that an enterprise is on.
CREATE TABLE enterprise_designations (
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    list text NOT NULL,
    issuer text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (enterprise_id, list)
);
