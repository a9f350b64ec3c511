DROP TABLE enterprise_designations;
DROP TABLE enterprise_partners;
UPDATE enterprises SET standing = standing - 'partners' - 'designations';
