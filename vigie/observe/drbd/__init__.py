"""The observation of a host's DRBD resources, releases 8.4 and 9, from what the kernel tells."""
