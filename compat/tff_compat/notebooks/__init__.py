"""TFF as of a release in Jupyter, Colab and any IPython: the extension, the inner kernel, kernels.

``%load_ext tff_compat`` loads `extension`. What a cell needs in the kernel that has TFF is in
`cells`; where the kernel's Python has none, `bridge` runs the cells in an `inner` kernel.
"""
