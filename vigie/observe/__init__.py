"""Read only: what is seen of the service. Nothing here writes."""
