"""Generated clients of the Personalize gateway."""
