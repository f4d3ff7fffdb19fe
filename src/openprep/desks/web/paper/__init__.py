"""The desks that have the paper before them: reception, digitising, checking."""
