"""Managing the event trackers of dataset groups, as TrackerService offers it."""
