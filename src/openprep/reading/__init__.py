"""What a published page says and does, read from the page itself, as a stranger would read it.

Nothing here knows a template: who renders pages and who reads them share no line.
"""
