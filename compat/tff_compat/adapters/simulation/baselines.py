"""Baseline tasks: a model with the data that it is trained and evaluated on."""

# Without annotations from the future: programs make flags of what a parameter is annotated with.

from typing import Any, Optional

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, Legacy, Replacement, adapter, helper
from tff_compat.adapters.simulation.datasets import one_client

tff = modern.package()

_baselines: Any = tff.simulation.baselines


def _as_then(task: Any, use_synthetic_data: Any, as_of: AsOf) -> Any:
    """The task with one client of synthetic data, of which releases from 0.34 on have two."""
    if not use_synthetic_data:
        return task
    datasets = task.datasets
    return _baselines.BaselineTask(
        _baselines.BaselineTaskDatasets(
            train_data=one_client(datasets.train_data, as_of),
            test_data=one_client(datasets.test_data, as_of),
            validation_data=datasets.validation_data,
            train_preprocess_fn=datasets.train_preprocess_fn,
            eval_preprocess_fn=datasets.eval_preprocess_fn,
        ),
        task.model_fn,
    )


helper(
    "of_one_client",
    '''\
def of_one_client(create_task, *args, **kwargs):
  """A baseline task, of whose synthetic data only one client is left, called "synthetic"."""
  task = create_task(*args, **kwargs)
  if not kwargs.get('use_synthetic_data'):
    return task

  datasets = task.datasets
  return tff.simulation.baselines.BaselineTask(
      tff.simulation.baselines.BaselineTaskDatasets(
          train_data=first_clients(datasets.train_data, 'synthetic'),
          test_data=first_clients(datasets.test_data, 'synthetic'),
          validation_data=datasets.validation_data,
          train_preprocess_fn=datasets.train_preprocess_fn,
          eval_preprocess_fn=datasets.eval_preprocess_fn),
      task.model_fn)
''',
)
_SYNTHETIC = Legacy(values={"use_synthetic_data": "any"})


def _of_one_client(path: str, *names: str) -> str:
    """The call of today whose synthetic data are those of one client."""
    given = ("eval_client_spec", *names, "cache_dir", "use_synthetic_data")
    optional = "".join(f"[?, {name}={{{name}}}?]" for name in given)
    return f"{{!of_one_client}}({path}, {{train_client_spec}}{optional})"


_IMAGES = "tff.simulation.baselines.cifar100.create_image_classification_task"
_CIFAR100 = (
    "tff.simulation.baselines.cifar100.create_image_classification_task({train_client_spec}"
    "[?, eval_client_spec={eval_client_spec}?][?, model_id={model_id}?]"
    "[?, crop_height={crop_height}?][?, crop_width={crop_width}?][?, cache_dir={cache_dir}?]"
    "[?, use_synthetic_data={use_synthetic_data}?])"
)


@adapter(
    "tff.simulation.baselines.cifar100.create_image_classification_task",
    releases=">=0.20,<0.21",
    replacement=_CIFAR100,
    # By position another parameter is before them now.
    legacy=Legacy(values={"cache_dir": "any", "use_synthetic_data": "any"}),
    cases={
        "use_synthetic_data": Replacement(
            _of_one_client(_IMAGES, "model_id", "crop_height", "crop_width")
        )
    },
    forms=True,
)
@adapter(
    "tff.simulation.baselines.cifar100.create_image_classification_task",
    releases=">=0.21,<0.34",
    replacement=_of_one_client(
        _IMAGES, "model_id", "crop_height", "crop_width", "distort_train_images"
    ),
    legacy=_SYNTHETIC,
    forms=True,
)
def create_image_classification_task(
    train_client_spec,
    eval_client_spec,
    model_id,
    crop_height=_baselines.cifar100.DEFAULT_CROP_HEIGHT,
    crop_width=_baselines.cifar100.DEFAULT_CROP_WIDTH,
    distort_train_images=False,
    cache_dir=None,
    use_synthetic_data=False,
    *,
    as_of: AsOf,
):
    """The task of classifying the images of CIFAR-100, as of TFF 0.20 to 0.33.

    Args:
      train_client_spec: A `tff.simulation.baselines.ClientSpec` of how clients train.
      eval_client_spec: How they evaluate; None for batches of 64, once.
      model_id: A string or an enum value: which residual network.
      crop_height: An integer: rows of an image that are used, 1 to 32.
      crop_width: An integer: columns of an image that are used, 1 to 32.
      distort_train_images: A boolean, since 0.21: whether images for training are distorted.
      cache_dir: A string: where the downloaded file is kept; None for TFF's own directory.
      use_synthetic_data: A boolean: whether to do without it.

    Returns:
      A `tff.simulation.baselines.BaselineTask`.

    Raises:
      ValueError: There is no such model, or not so many rows or columns.
    """
    # By position that is before it now.
    moved = not as_of.takes("distort_train_images") and cache_dir is not None
    if moved or use_synthetic_data:
        as_of.warn(locals())
    task = _baselines.cifar100.create_image_classification_task(
        train_client_spec,
        eval_client_spec,
        model_id,
        crop_height,
        crop_width,
        distort_train_images,
        cache_dir,
        use_synthetic_data,
    )
    return _as_then(task, use_synthetic_data, as_of)


@adapter(
    "tff.simulation.baselines.emnist.create_autoencoder_task",
    releases=">=0.20,<0.34",
    replacement=_of_one_client(
        "tff.simulation.baselines.emnist.create_autoencoder_task", "only_digits"
    ),
    legacy=_SYNTHETIC,
)
def create_autoencoder_task(
    train_client_spec,
    eval_client_spec=None,
    only_digits=False,
    cache_dir=None,
    use_synthetic_data=False,
    *,
    as_of: AsOf,
):
    """The task of reproducing the characters of EMNIST, as of TFF 0.20 to 0.33.

    Args:
      train_client_spec: A `tff.simulation.baselines.ClientSpec` of how clients train.
      eval_client_spec: How they evaluate; None for batches of 64, once.
      only_digits: Whether without letters.
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.
      use_synthetic_data: Whether to do without it.
    """
    if use_synthetic_data:
        as_of.warn(locals())
    task = _baselines.emnist.create_autoencoder_task(
        train_client_spec, eval_client_spec, only_digits, cache_dir, use_synthetic_data
    )
    return _as_then(task, use_synthetic_data, as_of)


_CHARACTERS = "tff.simulation.baselines.emnist.create_character_recognition_task"


@adapter(
    "tff.simulation.baselines.emnist.create_character_recognition_task",
    releases=">=0.20,<0.34",
    replacement=_of_one_client(_CHARACTERS, "model_id", "only_digits", "debug_seed"),
    legacy=_SYNTHETIC,
    forms=True,
)
def create_character_recognition_task(
    train_client_spec,
    eval_client_spec,
    model_id,
    only_digits,
    cache_dir,
    use_synthetic_data,
    debug_seed: Optional[int] = None,
    *,
    as_of: AsOf,
):
    """The task of recognizing the characters of EMNIST, as of TFF 0.20 to 0.33.

    Args:
      train_client_spec: A `tff.simulation.baselines.ClientSpec` of how clients train.
      eval_client_spec: How they evaluate; None for batches of 64, once.
      model_id: ``"cnn_dropout"``, ``"cnn"`` or ``"2nn"``.
      only_digits: A boolean: whether without letters.
      cache_dir: A string: where the downloaded file is kept; None for TFF's own directory.
      use_synthetic_data: A boolean: whether to do without it.
      debug_seed: An integer or None, since 0.26: seed of the initial weights and of shuffling.

    Returns:
      A `tff.simulation.baselines.BaselineTask`.

    Raises:
      ValueError: There is no such model.
    """
    if use_synthetic_data:
        as_of.warn(locals())
    task = _baselines.emnist.create_character_recognition_task(
        train_client_spec,
        eval_client_spec,
        model_id,
        only_digits,
        cache_dir,
        use_synthetic_data,
        debug_seed,
    )
    return _as_then(task, use_synthetic_data, as_of)
