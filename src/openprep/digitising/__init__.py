"""From the file of a scanner or a camera to the image that is published.

Decoders are large, and a stranger chose the bytes. So they run in a process of their own for each
image, with little memory, little time and no right to open anything; what it answers is looked at
as a stranger's. See ``docs/decisions/0030-images-are-decoded-in-a-child.md``.
"""
