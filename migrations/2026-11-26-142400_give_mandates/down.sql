DROP VIEW acting_roles;
DROP TABLE mandate_acts;
DROP TABLE mandates;
