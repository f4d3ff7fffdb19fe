"""The commands that follow the results, as the page shows them, are those of the documentation.

That they do what the page says is seen by ``tests/documented/test_following.py``.
"""

from documented.blocks import blocks_of

DOCS = "docs/deltas.md"


def test_the_docs_show_the_commands_of_the_page(standing, open_tab):
    tab = open_tab(f"{standing.url}#/bases-de-datos")
    tab.locator(".following").first.wait_for()
    shown = tab.locator(".following").all_inner_texts()
    written = [block.text.strip() for block in blocks_of(DOCS) if block.language == "sh"]
    address = "https://difusor.example/prep/"
    assert [command.replace(standing.url, address).strip() for command in shown] == written
