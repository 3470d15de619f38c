"""The observation of a school's logs, on the central log server: who is heard, what was lost, what it costs."""
