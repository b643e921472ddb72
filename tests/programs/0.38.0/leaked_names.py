"""Type variables and helpers that modules of 0.38 let slip into their public names."""
import json

import tensorflow_federated as tff

print(json.dumps({
    'learning': type(tff.learning.deprecation.R).__name__,
    'framework': tff.learning.framework.deprecation.R.__name__,
    'profiler': [
        tff.profiler.T.__name__,
        tff.profiler.SpanYields is not None,
        tff.profiler.TraceResult is not None,
    ],
}))
