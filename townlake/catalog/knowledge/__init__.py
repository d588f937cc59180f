"""Knowledge beside the tables: metrics, verified queries, data-model pages, glossary."""
