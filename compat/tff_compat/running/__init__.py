"""Running a program, script or notebook, as of a release: what `tff-compat run` does."""
