package org.syntagen.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Frees every tensor made on this thread between its construction and its {@link #close}, except
 * those given to {@link #keep}. The Java heap does not see native memory, so the garbage collector
 * alone would let it grow without bound: open one scope for each step of a loop.
 *
 * <p>Scopes nest. A kept tensor belongs to the enclosing scope, or to the caller when there is none
 * (who then calls {@link Tensor#close}). A tensor used after its scope is closed raises a {@link
 * NullPointerException}. Not thread-safe: a scope lives on the thread that opened it.
 */
public final class Scope implements AutoCloseable {
  private final Members members = new Members();
  private final List<Tensor> kept = new ArrayList<>();

  /** The binding's scope, which would free a tensor told to leave it even if it lay elsewhere. */
  private static final class Members extends PointerScope {
    private final Set<Pointer> pointers = Collections.newSetFromMap(new IdentityHashMap<>());

    @Override
    public PointerScope attach(Pointer pointer) {
      pointers.add(pointer);
      return super.attach(pointer);
    }

    /** Takes out a tensor with the reference that held it; false when it lies elsewhere. */
    boolean release(Tensor tensor) {
      if (!pointers.remove(tensor)) {
        return false;
      }
      tensor.retainReference();
      detach(tensor);
      return true;
    }
  }

  /** Keeps {@code tensor} alive when this scope closes; one that lies elsewhere stays there. */
  public Tensor keep(Tensor tensor) {
    kept.add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    List<Tensor> survivors = kept.stream().filter(members::release).toList();
    members.close();
    PointerScope enclosing = PointerScope.getInnerScope();
    if (enclosing != null) {
      for (Tensor tensor : survivors) {
        enclosing.attach(tensor);
        tensor.releaseReference();
      }
    }
    kept.clear();
  }

  /** Evaluates {@code body} and frees everything it made but its result. */
  public static Tensor compute(Supplier<Tensor> body) {
    try (Scope scope = new Scope()) {
      return scope.keep(body.get());
    }
  }

  /**
   * Applies functions one after the other, and frees what one hands to the next when that has its
   * result: for a chain of layers whose features are large.
   *
   * @param x stays as it is
   */
  public static Tensor chain(Tensor x, List<UnaryOperator<Tensor>> functions) {
    Tensor value = x;
    for (UnaryOperator<Tensor> function : functions) {
      Tensor input = value;
      value = compute(() -> function.apply(input));
      if (input != x && input != value) {
        own(input).close();
      }
    }
    return value;
  }

  /**
   * Takes {@code tensor} out of every open scope, so that it lives until it is closed by hand: for
   * weights and optimiser state, which outlive the step that first touches them.
   */
  public static Tensor own(Tensor tensor) {
    Iterator<PointerScope> open = PointerScope.getScopeIterator();
    while (open != null && open.hasNext()) {
      if (open.next() instanceof Members members && members.release(tensor)) {
        return tensor;
      }
    }
    if (tensor.referenceCount() == 0) {
      tensor.retainReference();
    }
    return tensor;
  }
}
