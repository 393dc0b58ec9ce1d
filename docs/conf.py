"""How the documentation is built. Reference pages are written from the code itself, see ``_ext``."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from mashery_oauth import __version__  # noqa: E402  found by the line above

project = "mashery_oauth"
author = "the mashery_oauth authors"
project_copyright = author
version = release = __version__

extensions = ["_ext"]
exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = f"mashery_oauth {release}"
html_show_copyright = False
html_show_sourcelink = False
