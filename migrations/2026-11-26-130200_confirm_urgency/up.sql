-- Who entitled to it said that a need is as urgent as it states; cleared when it states another urgency.
ALTER TABLE listings
    ADD COLUMN urgency_confirmed_at timestamptz,
    ADD COLUMN urgency_confirmed_by uuid REFERENCES accounts (id),
    ADD CONSTRAINT listings_urgency_confirmed CHECK ((urgency_confirmed_at IS NULL) = (urgency_confirmed_by IS NULL));
