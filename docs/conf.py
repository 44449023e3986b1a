"""Sphinx: Markdown pages by MyST, the furo theme, nothing fetched from the network."""

from driftbot import __version__

project = "driftbot"
author = "the driftbot authors"
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build", "render"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"driftbot {release}"
html_copy_source = False
html_show_copyright = False
