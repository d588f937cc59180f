"""The page: its source (`ui/`), the files built from it (`built/`), and what hands them out."""
