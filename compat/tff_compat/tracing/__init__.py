"""What a run of a program knows of its expressions: recorded by `tff-compat run --trace`."""
