"""Reads people's code without running it; nothing here imports TensorFlow."""
