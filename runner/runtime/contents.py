"""What the runtime leaves out, each with its reason. Tables only; other files of this folder act on them."""

from __future__ import annotations

# Distributions of the lock file that are never downloaded. What a user's program sees instead of the
# importable ones is said by `LEFT_OUT` in hook/naturalcad_imports.py.
DISTRIBUTIONS_LEFT_OUT: frozenset[str] = frozenset(
    {
        # Interactive shell: only `IPython.lib.pretty` of it prints anything here, and that needs none of
        # these.
        "asttokens", "colorama", "executing", "ipython-pygments-lexers", "jedi", "matplotlib-inline", "parso",
        "pexpect", "prompt-toolkit", "psutil", "ptyprocess", "pure-eval", "pygments", "stack-data",
        "traitlets", "wcwidth",
        # Declared by build123d, imported by nothing in it.
        "mpmath", "sympy",
        # Only for turning STL meshes into solids.
        "cloudpickle", "joblib", "narwhals", "scikit-learn", "threadpoolctl",
        # Network access; the appliance has none, and the programs must have none.
        "certifi", "charset-normalizer", "idna", "requests", "urllib3",
    }
)  # fmt: skip

# Of these only the named files (and their distribution's metadata) are kept; missing `__init__.py` become
# empty ones.
PACKAGES_REDUCED: dict[str, tuple[str, ...]] = {"IPython": ("lib/pretty.py",)}

# Below site-packages; patterns of `fnmatch`, in which `*` also stands for slashes.
SITE_LEFT_OUT: tuple[str, ...] = (
    # Command line tools, manual pages, a stray test suite.
    "bin/*", "share/*", "test/*",
    "*/tests/*", "*/conftest.py", "*.pyi", "*/py.typed", "*.a", "*.h", "*.c", "*.pyx", "*.pxd", "*.pxi",
    "*.pyx.tp", "wrapt-stubs/*", "numpy/f2py/src/*", "numpy/distutils/*", "scipy/datasets/*",
    # Formats and tools of Pillow that no texture needs; their libraries go with them.
    "PIL/_avif.*", "PIL/_imagingcms.*", "PIL/_imagingft.*", "PIL/_imagingtk.*", "PIL/_webp.*",
    # Records of an installer that will never run again.
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/WHEEL.bak",
    "*.dist-info/direct_url.json",
)  # fmt: skip

# Pictures from which bd_materials works out the colour of a material. 86 MB at full size; the page draws
# colours only, and a small picture has the same average.
TEXTURES = "threejs_materials/pbr_properties/_assets"
TEXTURE_PIXELS_MAX = 32

# Top-level names in the standard library's folder.
STDLIB_LEFT_OUT: frozenset[str] = frozenset(
    {
        "__pycache__", "site-packages", "dist-packages", "sitecustomize.py", "usercustomize.py",
        "EXTERNALLY-MANAGED",
        "LICENSE.txt",  # among our own licence texts
        "test", "idlelib", "tkinter", "turtle.py", "turtledemo", "ensurepip", "venv", "lib2to3", "pydoc_data",
        "distutils", "curses", "dbm", "sqlite3", "antigravity.py", "this.py", "__phello__", "lib-dynload",
    }
)  # fmt: skip
# The last two name folders of the building machine, for compilers.
STDLIB_LEFT_OUT_PREFIXES: tuple[str, ...] = ("config-", "_sysconfig_vars_", "build-details.json")

# Extension modules of the standard library: interactive, databases, network ciphers, the interpreter's own
# tests.
DYNLOAD_LEFT_OUT: tuple[str, ...] = (
    "_crypt", "_ctypes_test", "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_sqlite3", "_ssl",
    "_test", "_tkinter", "_uuid", "_xxtestfuzz", "_xxsubinterpreters", "nis", "ossaudiodev", "readline",
    "spwd", "xx",
)  # fmt: skip

# Shared libraries that are asked for but serve nothing here, by the start of their soname, with the start of
# the names of the functions they would hold. Each is replaced by a library in which those functions exist and
# return zero, which their callers (OCCT, and Pillow's screen capture) take for "no display" and "no such
# picture".
STAND_INS: dict[str, str] = {
    "libGL.so": "gl",
    "libX11.so": "X",
    "libfreeimage-": "FreeImage_",
    "libxcb-": "xcb_",
}

# Replaced by fontconfig.c, which knows one folder of fonts.
FONTCONFIG_SONAME_START = "libfontconfig-"

# Part of glibc or of the compiler's run time, or small and everywhere; copied from the building machine.
HOST_PACKAGES: dict[str, str] = {
    "libexpat.so.1": "libexpat1",
    "libz.so.1": "zlib1g",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libffi.so.8": "libffi8",
    "libbz2.so.1.0": "libbz2-1.0",
    "liblzma.so.5": "liblzma5",
}
