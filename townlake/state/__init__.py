"""The state database: registry, grants, audit, runs, knowledge."""
