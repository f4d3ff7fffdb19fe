"""Texts of the sample: of who reads it, and of who draws it."""

from collections.abc import Mapping

from openprep.desks.web.texts.said import Said

SAMPLE: Mapping[str, Said] = {
    "task.sample": Said("Muestra", "Sample"),
}
