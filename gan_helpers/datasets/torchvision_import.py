"""Import torchvision even where its compiled part does not fit the installed torch."""

from types import ModuleType

import torch


def import_torchvision() -> ModuleType:
    """The module torchvision, with `datasets` and `models` at hand.

    A processor-only torch beside the usual torchvision (built for CUDA) is a common mix: then torchvision's compiled
    operators do not load, and `import torchvision` stops although its data sets and networks are plain Python
    (github.com/pytorch/vision, issue 9085). Naming the two missing operators first lets the import go through; calling
    one of them (they serve object detection) still raises.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        _name_missing_operators()
        import torchvision
    return torchvision


def _name_missing_operators() -> None:
    global _operators  # a Library that is collected takes its operators along
    _operators = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        _operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
