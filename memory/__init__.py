"""What can be found again by meaning."""
