"""The capture form, and what is typed in it: actas, the sample, the lesson."""
