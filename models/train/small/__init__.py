"""The small model: its data, its training, its file (`models/README.md`)."""

import sys
from pathlib import Path

# What both models are made with lies beside the package, as plain scripts.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
