DROP TABLE contact_releases;
DROP TABLE contact_requests;
