-- What daily figures count, as it stood at any time: a row for each change. `since` is when the present state began.
CREATE TABLE listing_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    listing_id uuid NOT NULL,
    enterprise_id uuid NOT NULL,
    at timestamptz NOT NULL,
    status text NOT NULL,
    since timestamptz NOT NULL,
    -- Now or before.
    published boolean NOT NULL,
    outcome text,
    side text NOT NULL,
    kind text NOT NULL,
    category text,
    region_code text,
    quantity numeric(19, 6),
    unit_code text,
    basis text NOT NULL,
    valid_until timestamptz NOT NULL
);
CREATE INDEX listing_history_listing_id_idx ON listing_history (listing_id, id DESC);
CREATE INDEX listing_history_at_idx ON listing_history (at);

CREATE TABLE enterprise_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    enterprise_id uuid NOT NULL,
    at timestamptz NOT NULL,
    status text NOT NULL,
    region_code text,
    -- Made from what was there when keeping history began, as were the listings: not known to have been so before that time.
    reconstructed_at timestamptz
);
CREATE INDEX enterprise_history_enterprise_id_idx ON enterprise_history (enterprise_id, id DESC);

-- Triggers, so that no writer can forget it.
CREATE FUNCTION keep_listing_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.status, NEW.outcome, NEW.valid_until, NEW.enterprise_id) IS NOT DISTINCT FROM
               (OLD.status, OLD.outcome, OLD.valid_until, OLD.enterprise_id)
           AND NEW.terms IS NOT DISTINCT FROM OLD.terms THEN
            RETURN NULL;
        END IF;
    END IF;
    SELECT since, published INTO known FROM listing_history WHERE listing_id = NEW.id ORDER BY id DESC LIMIT 1;
    INSERT INTO listing_history (listing_id, enterprise_id, at, status, since, published, outcome, side, kind, category, region_code,
                                 quantity, unit_code, basis, valid_until)
    VALUES (NEW.id, NEW.enterprise_id, now(), NEW.status,
            CASE WHEN TG_OP = 'UPDATE' AND NEW.status = OLD.status THEN coalesce(known.since, now()) ELSE now() END,
            NEW.status = 'published' OR coalesce(known.published, false), NEW.outcome, NEW.terms ->> 'side',
            NEW.terms ->> 'kind', NEW.terms ->> 'category',
            coalesce(NEW.terms ->> 'region_code', (SELECT profile ->> 'region_code' FROM enterprises WHERE id = NEW.enterprise_id)),
            (NEW.terms ->> 'quantity')::numeric, NEW.terms ->> 'unit_code', coalesce(NEW.terms ->> 'quantity_basis', 'total'),
            NEW.valid_until);
    RETURN NULL;
END
$$;
CREATE TRIGGER listings_keep_history AFTER INSERT OR UPDATE ON listings
    FOR EACH ROW EXECUTE FUNCTION keep_listing_history();

CREATE FUNCTION keep_enterprise_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.status <> OLD.status
       OR NEW.profile ->> 'region_code' IS DISTINCT FROM OLD.profile ->> 'region_code' THEN
        INSERT INTO enterprise_history (enterprise_id, at, status, region_code)
        VALUES (NEW.id, now(), NEW.status, NEW.profile ->> 'region_code');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprises_keep_history AFTER INSERT OR UPDATE ON enterprises
    FOR EACH ROW EXECUTE FUNCTION keep_enterprise_history();

INSERT INTO enterprise_history (enterprise_id, at, status, region_code, reconstructed_at)
SELECT id, created_at, status, profile ->> 'region_code', now() FROM enterprises;
INSERT INTO listing_history (listing_id, enterprise_id, at, status, since, published, outcome, side, kind, category, region_code,
                             quantity, unit_code, basis, valid_until)
SELECT l.id, l.enterprise_id, l.created_at, l.status, l.updated_at,
       l.published_at IS NOT NULL OR l.status IN ('published', 'fulfilled', 'expired'), l.outcome, l.terms ->> 'side', l.terms ->> 'kind',
       l.terms ->> 'category', coalesce(l.terms ->> 'region_code', e.profile ->> 'region_code'), (l.terms ->> 'quantity')::numeric,
       l.terms ->> 'unit_code', coalesce(l.terms ->> 'quantity_basis', 'total'), l.valid_until
FROM listings l JOIN enterprises e ON e.id = l.enterprise_id;
