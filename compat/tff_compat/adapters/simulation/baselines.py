"""Baseline tasks: a model with the data that it is trained and evaluated on."""

from __future__ import annotations

from tff_compat import modern
from tff_compat.adapters.registry import AsOf, adapter

tff = modern.package()

_cifar100 = tff.simulation.baselines.cifar100


@adapter(
    "tff.simulation.baselines.cifar100.create_image_classification_task",
    releases=">=0.20,<0.21",
    replacement=(
        "tff.simulation.baselines.cifar100.create_image_classification_task({train_client_spec}"
        "[?, {eval_client_spec}?][?, model_id={model_id}?][?, crop_height={crop_height}?]"
        "[?, crop_width={crop_width}?][?, cache_dir={cache_dir}?]"
        "[?, use_synthetic_data={use_synthetic_data}?])"
    ),
)
def create_image_classification_task(
    train_client_spec,
    eval_client_spec=None,
    model_id="resnet18",
    crop_height=_cifar100.DEFAULT_CROP_HEIGHT,
    crop_width=_cifar100.DEFAULT_CROP_WIDTH,
    cache_dir=None,
    use_synthetic_data=False,
    *,
    as_of: AsOf,
):
    """The task of classifying the images of CIFAR-100, as of TFF 0.20.

    Args:
      train_client_spec: A `tff.simulation.baselines.ClientSpec` of how clients train.
      eval_client_spec: How they evaluate; None for batches of 64, once.
      model_id: Which residual network.
      crop_height: Rows of an image that are used, 1 to 32.
      crop_width: Columns of an image that are used, 1 to 32.
      cache_dir: Where the downloaded file is kept; None for TFF's own directory.
      use_synthetic_data: Whether to do without it.

    Raises:
      ValueError: There is no such model, or not so many rows or columns.
    """
    as_of.warn(locals())
    return _cifar100.create_image_classification_task(
        train_client_spec,
        eval_client_spec,
        model_id,
        crop_height,
        crop_width,
        cache_dir=cache_dir,
        use_synthetic_data=use_synthetic_data,
    )
