"""The observation of a school's PostgreSQL streaming replication: both ends, asked at once, judged as one pair."""
