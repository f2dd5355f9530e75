package org.syntagen.diffusion.vae;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * An autoencoder that takes large images and latents in overlapping tiles, so that the memory
 * needed for activations does not grow with the image (diffusers' AutoencoderKL.tiled_encode and
 * tiled_decode). Where tiles overlap, by a quarter, the later one fades in linearly over the one
 * above and then over the one to its left. Normalised layers and attention see a tile alone, so the
 * result is close to that of {@link AutoencoderKl} and not equal; it is equal, bit by bit, for what
 * is no larger than a tile.
 *
 * @param tile sides of a tile in positions of the latent, at least 1
 */
public record TiledAutoencoder(AutoencoderKl vae, int tile) {
  private static final int OVERLAPS = 4; // of them make a tile

  public TiledAutoencoder {
    if (tile < 1) {
      throw new IllegalArgumentException("tiles need at least one position, not " + tile);
    }
  }

  /** Argument and result are those of {@link AutoencoderKl#encode}. */
  public AutoencoderKl.Posterior encode(Tensor image) {
    return AutoencoderKl.posterior(
        inTiles(image, vae.config().downscale(), 1, part -> vae.moments(part)));
  }

  /** Argument and result are those of {@link AutoencoderKl#decode}. */
  public Tensor decode(Tensor latent) {
    return inTiles(latent, 1, vae.config().downscale(), part -> vae.decode(part));
  }

  /**
   * @param x [batch, channels, height, width]
   * @param from pixels of x for a position of the latent
   * @param to pixels of the result for one
   */
  private Tensor inTiles(Tensor x, long from, long to, UnaryOperator<Tensor> function) {
    long height = x.size(2);
    long width = x.size(3);
    long side = tile * from;
    if (height <= side && width <= side) {
      return function.apply(x);
    }
    long overlap = tile / OVERLAPS;
    long stride = tile - overlap;
    try (Scope scope = new Scope()) {
      List<Tensor> bands = new ArrayList<>();
      List<Tensor> above = null;
      for (long top = 0; top < height; top += stride * from) {
        List<Tensor> row = new ArrayList<>();
        for (long start = 0; start < width; start += stride * from) {
          Tensor part =
              x.narrow(2, top, Math.min(side, height - top))
                  .narrow(3, start, Math.min(side, width - start));
          Tensor up = above == null ? null : above.get(row.size());
          Tensor left = row.isEmpty() ? null : row.get(row.size() - 1);
          row.add(
              Scope.compute(
                  () ->
                      fade(
                          left, fade(up, function.apply(part), overlap * to, 2), overlap * to, 3)));
        }
        bands.add(Ops.cat(row.stream().map(made -> corner(made, stride * to)).toList(), 3));
        above = row;
      }
      return scope.keep(Ops.cat(bands, 2));
    }
  }

  /**
   * A tile whose first rows (dimension 2) or columns (3) fade in over the last ones of another.
   *
   * @param before null if there is none, which leaves the tile as it is
   * @param extent how many of them, at most
   */
  private static Tensor fade(Tensor before, Tensor tile, long extent, int dim) {
    if (before == null || extent == 0) {
      return tile;
    }
    long n = Math.min(extent, Math.min(before.size(dim), tile.size(dim)));
    float[] rising = new float[(int) n];
    float[] falling = new float[(int) n];
    for (int i = 0; i < n; i++) {
      rising[i] = (float) ((double) i / n);
      falling[i] = (float) (1 - (double) i / n);
    }
    long[] shape = dim == 2 ? new long[] {n, 1} : new long[] {n};
    Tensor last = before.narrow(dim, before.size(dim) - n, n);
    Tensor first = tile.narrow(dim, 0, n);
    Tensor mixed = last.mul(Tensors.of(falling, shape)).add(first.mul(Tensors.of(rising, shape)));
    return Ops.cat(List.of(mixed, tile.narrow(dim, n, tile.size(dim) - n)), dim);
  }

  /** What of a tile no later one covers. */
  private static Tensor corner(Tensor tile, long side) {
    return tile.narrow(2, 0, Math.min(side, tile.size(2)))
        .narrow(3, 0, Math.min(side, tile.size(3)));
  }
}
