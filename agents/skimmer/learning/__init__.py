"""What Skimmer learns from people's decisions: proposed as a version, and used once a person accepts that version."""
