"""Who thinks: the graphs of a question and of a classification."""
