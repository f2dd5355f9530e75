"""Does with torchvision what TrainingWorker does: some training steps a line, answered with seconds a step."""

import sys
import time

import torch
from torch.nn import functional
from torchvision.models import segmentation

CLASSES, VOID = 21, 255
RATE = 0.01


def main():
    backbone, precision, threads, batch, size, steps = sys.argv[1:]
    batch, size, steps = int(batch), int(size), int(steps)
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    model = getattr(segmentation, f"deeplabv3_{backbone}")(
        weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True
    ).train().to(memory_format=torch.channels_last)
    aux = list(model.aux_classifier.parameters())
    others = [*model.backbone.parameters(), *model.classifier.parameters()]
    optimizer = torch.optim.SGD(
        [{"params": others}, {"params": aux, "lr": 10 * RATE}], lr=RATE, momentum=0.9, weight_decay=1e-4
    )
    # One batch for all steps: nothing is read or cropped here.
    images = torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(CLASSES, (batch, size, size))

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            out = model(images)
        loss = functional.cross_entropy(out["out"].float(), labels, ignore_index=VOID)
        loss = loss + 0.5 * functional.cross_entropy(out["aux"].float(), labels, ignore_index=VOID)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(steps):
            step()
        print((time.perf_counter() - start) / steps, flush=True)


main()
