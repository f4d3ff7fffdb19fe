"""Real nights as schedules, the stations that relive them, and what they are held against."""
