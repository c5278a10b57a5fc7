"""Run by every interpreter of the runtime: finds site-packages, keeps numerics to one thread, defers imports.

It lies in the standard library's folder because some distributions' Python looks for packages under another
name than `site-packages`, and would not find anything put there.
"""

import os
import site
import sys

_packages = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages")
if _packages not in sys.path:
    site.addsitedir(_packages)

# A thread pool in the zygote would be dead in every fork of it.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# ezdxf keeps a list of fonts there, and without one looks through all fonts of the machine at every import.
# The runtime holds a list for it, so that nothing of the user's is read or written, and no home folder is
# needed.
for _name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
    os.environ[_name] = os.path.join(sys.prefix, "etc")

import naturalcad_imports  # noqa: E402  (lies in the folder that was just added)

naturalcad_imports.install()
