"""Who may see what, over HTTP: reviews, requests, grants, limits, approvals and the audit."""
