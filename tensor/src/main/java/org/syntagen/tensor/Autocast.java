package org.syntagen.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * While open, matrix products and convolutions on this thread run in bfloat16 with 32-bit weights
 * kept (about twice as fast where {@link Device#multipliesBf16Fast}). Run only the forward pass
 * inside; the loss in 32 bits and the backward pass belong outside.
 */
public final class Autocast implements AutoCloseable {
  private final DeviceType device = Device.current().type();

  public Autocast() {
    torch.set_autocast_enabled(device, true);
    torch.set_autocast_dtype(device, ScalarType.BFloat16);
    torch.increment_nesting();
  }

  @Override
  public void close() {
    if (torch.decrement_nesting() == 0) {
      torch.clear_cache();
    }
    torch.set_autocast_enabled(device, false);
  }
}
