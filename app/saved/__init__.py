"""Questions and dashboards that callers keep and share: words and statements, never rows and never rights."""
