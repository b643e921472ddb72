"""The derivations that holes of templates may name, and what each makes of an argument."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "optimizer": "a Keras optimizer, or a function that makes one, as a tff.learning optimizer",
    "type": "what TFF made a type of up to 0.69, as a `tff.Type`",
    "spec": "an example batch, as the spec of batches of any size",
    "model": "a compiled Keras model, as its loss and metrics: `loss=…, metrics=…`",
    "weighting": "a function of client weights, as what `client_weighting` takes",
}
"""Each derivation, and what it gives."""
