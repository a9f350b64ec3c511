DROP TABLE matching_statistics;
DROP TABLE matching_policies;
DROP TABLE reference_versions;
DROP TABLE reference_items;
