DROP INDEX enterprises_contacts_idx;
DROP TABLE listing_prints;
DROP TABLE listing_flags;
DELETE FROM consumers WHERE name = 'flags';
DELETE FROM reference_items WHERE scheme IN ('capacities', 'price_baselines', 'screening_words');
DELETE FROM reference_versions WHERE scheme IN ('capacities', 'price_baselines', 'screening_words');
