package org.syntagen.diffusion.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/**
 * The latents of all training images, encoded once and mapped from a file afterwards: means and
 * standard deviations in bfloat16, [images, 2 · channels, height, width].
 */
final class LatentCache implements AutoCloseable {
  private static final int CHUNK = 8;

  private final StateDict state;
  private final Tensor moments;

  private LatentCache(StateDict state) {
    this.state = state;
    // A handle of its own, which is closed beside the dictionary's.
    this.moments = Scope.own(Scope.compute(() -> Tensors.here(state.get("moments").detach())));
  }

  /** Opens the cache, encoding the images first when there is none for this autoencoder yet. */
  static LatentCache open(
      Path file,
      AutoencoderKl vae,
      String vaeFingerprint,
      CaptionedImages images,
      int workers,
      TrainingMonitor monitor) {
    boolean fresh =
        Files.isRegularFile(file)
            && SafeTensors.metadata(file).getOrDefault("vae", "").equals(vaeFingerprint)
            && SafeTensors.metadata(file)
                .getOrDefault("images", "")
                .equals(Integer.toString(images.count()));
    if (!fresh) {
      encode(file, vae, vaeFingerprint, images, workers, monitor);
    }
    return new LatentCache(SafeTensors.read(file));
  }

  private static void encode(
      Path file,
      AutoencoderKl vae,
      String vaeFingerprint,
      CaptionedImages images,
      int workers,
      TrainingMonitor monitor) {
    int n = images.count();
    AtomicInteger done = new AtomicInteger();
    try (StateDict all = new StateDict(file.toString())) {
      long[] shape = latentShape(vae, images.size(), n);
      all.put("moments", Scope.compute(() -> Tensors.to(Tensors.zeros(shape), Dtype.BF16)));
      List<Future<?>> chunks = new ArrayList<>();
      ExecutorService threads = Executors.newFixedThreadPool(workers);
      try {
        for (int start = 0; start < n; start += CHUNK) {
          int from = start;
          int[] indices = IntStream.range(from, Math.min(n, from + CHUNK)).toArray();
          chunks.add(
              threads.submit(
                  () -> {
                    Threads.set(1, 1);
                    try (NoGrad noGrad = new NoGrad();
                        Scope scope = new Scope()) {
                      Tensor image = AutoencoderKl.normalise(images.load(indices));
                      all.get("moments").narrow(0, from, indices.length).copy_(encode(vae, image));
                    }
                    monitor.step("encoding", done.addAndGet(indices.length), n, Double.NaN);
                  }));
        }
        chunks.forEach(Threads::await);
      } finally {
        threads.shutdownNow();
        Threads.finish(threads); // they write into what is freed next
      }
      SafeTensors.write(file, all, Map.of("vae", vaeFingerprint, "images", Integer.toString(n)));
    }
  }

  private static long[] latentShape(AutoencoderKl vae, int imageSize, int images) {
    long side = imageSize / vae.config().downscale();
    return new long[] {images, 2L * vae.config().latentChannels(), side, side};
  }

  private static Tensor encode(AutoencoderKl vae, Tensor image) {
    AutoencoderKl.Posterior posterior = vae.encode(image);
    Tensor deviation = Ops.scale(posterior.logVariance(), 0.5).exp();
    return Tensors.to(Ops.cat(List.of(posterior.mean(), deviation), 1), Dtype.BF16);
  }

  int count() {
    return Math.toIntExact(moments.size(0));
  }

  /**
   * Latents of some images, each sampled from its posterior, not yet scaled.
   *
   * @param indices [batch], dtype I64
   * @param noise [batch, channels, height, width]
   */
  Tensor sample(Tensor indices, Tensor noise) {
    Tensor[] halves = Ops.chunk(Tensors.to(moments.index_select(0, indices), Dtype.F32), 2, 1);
    return halves[1].mul(noise).add(halves[0]);
  }

  @Override
  public void close() {
    moments.close();
    state.close();
  }
}
