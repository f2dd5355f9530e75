package org.syntagen.tensor;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a model's constructor gets its parameters. A model asks for each by name and shape, in the
 * constructor order of the PyTorch reference, and does not know whether they are read from a
 * checkpoint ({@link #of}), drawn at random ({@link #random}) or only listed ({@link #shapes}).
 * Thereby one description of an architecture serves loading with checks, initialisation equal to
 * PyTorch's, and training.
 */
public final class Weights {
  /** Far more than any model has: what is only asked for lacks a file that would end first. */
  private static final int MOST_SHAPES = 1 << 14;

  private final StateDict state;
  private final SeededNoise noise; // null: read, never draw
  private final Map<String, long[]> shapes; // null: read or draw, else only ask
  private final String prefix;
  private final Set<String> used;

  private Weights(
      StateDict state,
      SeededNoise noise,
      Map<String, long[]> shapes,
      String prefix,
      Set<String> used) {
    this.state = state;
    this.noise = noise;
    this.shapes = shapes;
    this.prefix = prefix;
    this.used = used;
  }

  /** Reads parameters from {@code state}, which must hold each with the shape asked for. */
  public static Weights of(StateDict state) {
    return new Weights(state, null, null, "", new HashSet<>());
  }

  /** Draws parameters from {@code noise} and collects them in {@link #state}. */
  public static Weights random(SeededNoise noise) {
    return new Weights(new StateDict("random"), noise, null, "", new HashSet<>());
  }

  /**
   * What a model would read: the shape of each parameter it asks for, by name in its order. Takes
   * no memory for them.
   *
   * @param origin begins the message of an error
   * @param model builds the model, to no use
   * @throws WeightsException if it asks for more than any model has
   */
  public static Map<String, long[]> shapes(String origin, Consumer<Weights> model) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      model.accept(new Weights(new StateDict(origin), null, shapes, "", new HashSet<>()));
    }
    return Collections.unmodifiableMap(shapes);
  }

  /** The weights of a part: {@code at("mid_block").at(0)} names {@code mid_block.0.…}. */
  public Weights at(String part) {
    return new Weights(state, noise, shapes, prefix + part + ".", used);
  }

  public Weights at(int index) {
    return at(Integer.toString(index));
  }

  /** All parameters, named from the root. */
  public StateDict state() {
    return state;
  }

  public boolean has(String name) {
    return noise != null || shapes != null || state.contains(prefix + name);
  }

  /** A parameter drawn uniformly from [−bound, bound) when it is not read. */
  public Tensor uniform(String name, double bound, long... shape) {
    return parameter(name, () -> noise.uniform(-bound, bound, shape), shape);
  }

  /** A parameter drawn from a normal distribution when it is not read. */
  public Tensor normal(String name, double std, long... shape) {
    return parameter(name, () -> Ops.scale(noise.normal(shape), std), shape);
  }

  /** A parameter that starts at a constant when it is not read; draws nothing. */
  public Tensor constant(String name, double value, long... shape) {
    return parameter(name, () -> Tensors.full(value, shape), shape);
  }

  /** A scalar count of dtype I64 that starts at zero when it is not read. */
  public Tensor counter(String name) {
    Tensor counter = named(name, () -> Tensors.of(new long[] {0}));
    require(shapes != null || Dtype.of(counter) == Dtype.I64, name, counter, Dtype.I64.toString());
    return counter;
  }

  private Tensor parameter(String name, Supplier<Tensor> draw, long... shape) {
    Tensor parameter = named(name, draw, shape);
    require(Dtype.of(parameter).floating(), name, parameter, "floating-point numbers");
    return parameter;
  }

  private void require(boolean isExpected, String name, Tensor tensor, String expected) {
    if (!isExpected) {
      throw new WeightsException(
          state.origin()
              + ": tensor "
              + prefix
              + name
              + " has dtype "
              + Dtype.of(tensor)
              + ", expected "
              + expected);
    }
  }

  private Tensor named(String name, Supplier<Tensor> draw, long... shape) {
    String key = prefix + name;
    used.add(key);
    if (shapes != null) {
      if (shapes.size() == MOST_SHAPES) {
        throw new WeightsException(
            "%s: the configuration asks for more than %d tensors; expected that of a model, so fetch it again"
                .formatted(state.origin(), MOST_SHAPES));
      }
      shapes.put(key, shape);
      return Tensors.zeros().expand(shape); // one element, whatever the shape
    }
    if (noise != null) {
      state.put(key, Scope.compute(draw));
      return state.get(key);
    }
    Tensor tensor = state.get(key);
    long[] found = Tensors.shape(tensor);
    if (!Arrays.equals(found, shape)) {
      throw new WeightsException(
          state.origin()
              + ": tensor "
              + key
              + " has shape "
              + Arrays.toString(found)
              + ", expected "
              + Arrays.toString(shape));
    }
    return tensor;
  }

  /** Refuses tensors that no parameter asked for; call it after the model is built. */
  public void requireAllUsed() {
    for (String name : state.names()) {
      if (!used.contains(name)) {
        throw new WeightsException(
            state.origin() + ": tensor " + name + " does not belong to this architecture");
      }
    }
  }
}
