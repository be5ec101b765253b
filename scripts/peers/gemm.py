"""The sgemm peak of torch.mm."""

import common

options = common.arguments()
common.use_threads(options.threads)
import torch

x, w = torch.rand(2000, 2000), torch.rand(2000, 2000)
count = 4
seconds = common.timed(max(3, options.repetitions), lambda: [torch.mm(x, w.t()) for _ in range(count)])
speed = count * 2 * 2000**3 / min(seconds) / 1e9
common.report(seconds, 0, "torch.mm of 2000 x 2000 matrices, the fastest run", speed=speed)
