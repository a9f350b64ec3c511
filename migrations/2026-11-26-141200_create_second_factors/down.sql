DROP TABLE sign_in_tickets;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
