-- An association posted it for the enterprise, under this mandate.
ALTER TABLE listings ADD COLUMN mandate_id uuid REFERENCES mandates (id);
UPDATE listings SET mandate_id = mandate_acts.mandate_id FROM mandate_acts
WHERE mandate_acts.entity = 'listing' AND mandate_acts.entity_id = listings.id AND mandate_acts.type = 'listing.created';
