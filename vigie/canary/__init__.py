"""The numbered message that each source of logs emits, so that its delivery can be proven at the other end."""
