"""Preloaded into worker processes before numpy: linear algebra there runs on one thread."""

import os

# OpenBLAS starts a thread per core when numpy is imported. The pool already runs a process per
# core, and threads must not exist in a process that others are forked from.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
