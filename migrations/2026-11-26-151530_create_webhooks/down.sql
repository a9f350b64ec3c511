DELETE FROM notifications WHERE kind = 'webhook_endpoint_disabled';
DELETE FROM consumers WHERE name = 'webhooks';
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_endpoints;
