-- The history file of a timeline: one line per ancestor with the position where it was left. NULL when there is none.
SELECT vigie.timeline_history(%s)
