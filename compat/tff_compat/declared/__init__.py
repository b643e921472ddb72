"""What is declared of legacy forms: what replaces each, and when it is legacy; no TensorFlow."""
