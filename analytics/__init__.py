"""The manager's counts by SQL on a Bulk Data export: docs/analytics.md."""
