"""Who may see what: reviews, grants, policy, masks, the guard, the audit."""
