"""What every way in agrees on: runs and what they tell. Values only, so that a client needs nothing else."""
