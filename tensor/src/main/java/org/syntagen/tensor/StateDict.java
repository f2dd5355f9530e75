package org.syntagen.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Named tensors in insertion order, with the key names of the public checkpoints. It owns its
 * tensors: {@link #close} frees them. Tensors read by {@link WeightFile} may lie in read-only
 * mapped memory; {@link #copy} gives writable ones.
 */
public final class StateDict implements AutoCloseable {
  private final String origin;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final List<Object> backing = new ArrayList<>();

  /**
   * @param origin where the tensors come from (a file, or a word such as "random"), for messages
   */
  public StateDict(String origin) {
    this.origin = origin;
  }

  public String origin() {
    return origin;
  }

  /** Adds a tensor and takes ownership of it. */
  public void put(String name, Tensor tensor) {
    if (tensors.putIfAbsent(name, Scope.own(tensor)) != null) {
      throw new WeightsException(origin + ": tensor " + name + " appears twice");
    }
  }

  /**
   * Adds a second reference to a tensor that another dictionary owns: both see the same memory, and
   * either may be closed first. Share tensors of a mapped file with a {@link #derived} dictionary.
   */
  public void share(String name, Tensor tensor) {
    put(name, Scope.compute(() -> Tensors.alias(tensor)));
  }

  /** The same memory as trainable leaves with gradients of their own, for one thread's replica. */
  public StateDict sharedLeaves() {
    StateDict leaves = new StateDict(origin);
    tensors.forEach(
        (name, tensor) ->
            leaves.put(name, Scope.compute(() -> tensor.detach().requires_grad_(true))));
    return leaves;
  }

  /**
   * An empty dictionary for views of this one's tensors: it keeps mapped memory reachable, so that
   * either may be closed first.
   *
   * @param origin as for a new dictionary
   */
  public StateDict derived(String origin) {
    StateDict derived = new StateDict(origin);
    derived.backing.addAll(backing);
    return derived;
  }

  /**
   * Takes over all tensors of another dictionary, which is empty then.
   *
   * @throws WeightsException if both have a tensor of the same name; nothing is moved then
   */
  public void absorb(StateDict other) {
    for (String name : other.tensors.keySet()) {
      if (tensors.containsKey(name)) {
        throw new WeightsException(other.origin + ": tensor " + name + " appears twice");
      }
    }
    tensors.putAll(other.tensors);
    backing.addAll(other.backing);
    other.tensors.clear();
    other.backing.clear();
  }

  /** Keeps {@code memory} reachable as long as this dictionary, because tensors point into it. */
  void retain(Object memory) {
    backing.add(memory);
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /** The tensor of that name; a {@link WeightsException} names the file when there is none. */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new WeightsException(origin + ": tensor " + name + " is missing");
    }
    return tensor;
  }

  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** A view of the tensors by name, in insertion order. */
  public Map<String, Tensor> toMap() {
    return Collections.unmodifiableMap(tensors);
  }

  public int size() {
    return tensors.size();
  }

  /** Number of elements over all tensors. */
  public long elements() {
    return tensors.values().stream().mapToLong(Tensor::numel).sum();
  }

  /**
   * A deep copy in writable memory of the process's {@link Device}, each floating tensor converted
   * to {@code dtype}.
   */
  public StateDict copy(Dtype dtype) {
    return copy(tensor -> dtype);
  }

  /**
   * A deep copy in writable memory for computing with: matrices and kernels, which are nearly all
   * of a model's size, in {@code dtype}, everything else in 32-bit floats.
   */
  public StateDict copyForUse(Dtype dtype) {
    return copy(tensor -> tensor.dim() > 1 ? dtype : Dtype.F32);
  }

  /**
   * Converts matrices and kernels to what {@link #copyForUse} would have made of them. Whoever
   * holds one of the tensors holds the converted one then.
   */
  public void roundForUse(Dtype dtype) {
    for (Tensor tensor : tensors.values()) {
      if (tensor.dim() > 1 && Dtype.of(tensor).floating()) {
        try (Scope scope = new Scope()) {
          tensor.set_data(Tensors.to(tensor, dtype));
        }
      }
    }
  }

  private StateDict copy(Function<Tensor, Dtype> dtype) {
    StateDict copy = new StateDict(origin);
    tensors.forEach(
        (name, tensor) ->
            copy.put(
                name,
                Scope.compute(
                    () ->
                        Tensors.copy(
                            tensor,
                            Dtype.of(tensor).floating()
                                ? dtype.apply(tensor)
                                : Dtype.of(tensor)))));
    return copy;
  }

  /**
   * SHA-256 over (name, dtype, shape, little-endian bytes) of all tensors in name order, in
   * hexadecimal. Writing the same tensors to another file does not change it.
   */
  public String fingerprint() {
    TensorDigest digest = new TensorDigest();
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              digest.begin(name, Dtype.of(tensor), Tensors.shape(tensor));
              try (Scope scope = new Scope()) {
                Tensor dense = Tensors.host(tensor);
                BytePointer data = new BytePointer(dense.data_ptr());
                byte[] chunk = new byte[(int) Math.min(dense.nbytes(), 1 << 20)];
                for (long at = 0; at < dense.nbytes(); at += chunk.length) {
                  int n = (int) Math.min(chunk.length, dense.nbytes() - at);
                  data.position(at).get(chunk, 0, n);
                  digest.update(ByteBuffer.wrap(chunk, 0, n));
                }
              }
            });
    return digest.hex();
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
    tensors.clear();
    backing.clear();
  }
}
