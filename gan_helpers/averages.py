"""The average of a network's weights over the last steps of its training."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def running_average(net: nn.Module, decay: float) -> AveragedModel:
    """The exponential moving average of `net`: `.update_parameters(net)` after each step, `.module` is the average.

    `decay`, in (0, 1), is how much of itself it keeps at each update: 0.995 remembers about 200 steps, 0.999 about
    1,000. Its first updates forget sooner: the t-th keeps (1 + t) / (10 + t) where that is less, so that little is left
    of the untrained network. Weights and buffers are averaged, as Yazıcı et al. (2019) do. Raises ValueError for a
    decay that is not in (0, 1).
    """
    if not 0 < decay < 1:
        raise ValueError(f"decay should be above 0 and below 1, as 0.995; got {decay}.")

    def blend(averages: list[torch.Tensor], current: list[torch.Tensor], t: torch.Tensor) -> None:
        keep = min(decay, (1 + int(t)) / (10 + int(t)))
        get_ema_multi_avg_fn(keep)(averages, current, t)

    return AveragedModel(net, multi_avg_fn=blend, use_buffers=True)
