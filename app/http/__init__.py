"""What other programs reach by HTTP."""
