package org.syntagen.diffusion.training;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

/**
 * Computes the gradients of a batch on several threads: each holds a replica of the model over the
 * same weights and works on its share of the batch with one thread within operations, which suits
 * small models better than splitting every operation. Gradients are summed in the order of the
 * workers, so the result does not depend on timing.
 *
 * @param <M> the model
 */
final class DataParallel<M> implements AutoCloseable {

  /** The work of one thread on one step. */
  @FunctionalInterface
  interface Share<M> {
    /**
     * Computes the loss of a share of the batch and runs backward.
     *
     * @return the loss, already divided by the number of workers
     */
    double backward(M replica, int worker);
  }

  private final List<StateDict> replicas = new ArrayList<>();
  private final List<M> models = new ArrayList<>();
  private final ExecutorService threads;

  DataParallel(StateDict weights, int workers, Function<Weights, M> build) {
    for (int i = 0; i < workers; i++) {
      StateDict replica = weights.sharedLeaves();
      replicas.add(replica);
      models.add(build.apply(Weights.of(replica)));
    }
    threads =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "training");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The parameters whose {@code grad()} holds the batch's gradients after {@link #gradients}. */
  StateDict parameters() {
    return replicas.get(0);
  }

  /** Runs every share and sums the gradients; returns the batch's loss. */
  double gradients(Share<M> share) {
    List<Future<Double>> running = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      int worker = i;
      running.add(
          threads.submit(
              () -> {
                Threads.set(1, 1);
                return share.backward(models.get(worker), worker);
              }));
    }
    double loss = 0;
    for (Future<Double> each : running) {
      loss += Threads.await(each);
    }
    sum();
    return loss;
  }

  private void sum() {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      for (StateDict other : replicas.subList(1, replicas.size())) {
        for (String name : other.names()) {
          Tensor gradient = other.get(name).grad();
          if (gradient.defined()) {
            Ops.addInPlace(parameters().get(name).grad(), gradient, 1);
            gradient.zero_();
          }
        }
      }
    }
  }

  @Override
  public void close() {
    Threads.finish(threads); // they use what is freed next
    replicas.forEach(StateDict::close);
  }
}
