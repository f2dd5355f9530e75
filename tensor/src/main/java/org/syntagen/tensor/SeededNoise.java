package org.syntagen.tensor;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A stream of random numbers equal to that of PyTorch's CPU generator after {@code
 * manual_seed(seed)}: Mersenne Twister, and normal numbers by Box–Muller in blocks of 16. A seed
 * therefore means the same here as in the public tools. Stateful and not thread-safe; draws advance
 * it in call order.
 */
public final class SeededNoise implements AutoCloseable {
  private final Generator generator;

  public SeededNoise(long seed) {
    try (Scope scope = new Scope()) {
      generator = torch.createCPUGenerator(seed);
      generator.retainReference();
    }
  }

  /** Standard normal numbers, as torch.randn. */
  public Tensor normal(long... shape) {
    Tensor out = Tensors.empty(Dtype.F32, shape);
    return Tensors.here(out.normal_(0.0, 1.0, new GeneratorOptional(generator)));
  }

  /** Uniform numbers in [low, high), as torch's uniform_. */
  public Tensor uniform(double low, double high, long... shape) {
    Tensor out = Tensors.empty(Dtype.F32, shape);
    return Tensors.here(out.uniform_(low, high, new GeneratorOptional(generator)));
  }

  /** Integers in [0, bound), dtype I64. */
  public Tensor integers(long bound, long... shape) {
    Tensor out = Tensors.empty(Dtype.I64, shape);
    return Tensors.here(out.random_(bound, new GeneratorOptional(generator)));
  }

  @Override
  public void close() {
    generator.close();
  }
}
