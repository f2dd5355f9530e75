package org.syntagen.diffusion.vae;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Decodes large latents in overlapping tiles, so that the memory needed for activations does not
 * grow with the image (diffusers' AutoencoderKL.tiled_decode). Where tiles overlap, by a quarter,
 * the later one fades in linearly over the one above and then over the one to its left. Normalised
 * layers and attention see a tile alone, so the image is close to that of {@link
 * AutoencoderKl#decode} and not equal.
 *
 * @param tile sides of a tile in positions of the latent, at least 1
 */
public record TiledDecoder(AutoencoderKl vae, int tile) {
  private static final int OVERLAPS = 4; // of them make a tile

  public TiledDecoder {
    if (tile < 1) {
      throw new IllegalArgumentException("tiles need at least one position, not " + tile);
    }
  }

  /**
   * Arguments and result are those of {@link AutoencoderKl#decode}, and so are the bits if the
   * latent is no larger than a tile.
   */
  public Tensor decode(Tensor latent) {
    long height = latent.size(2);
    long width = latent.size(3);
    if (height <= tile && width <= tile) {
      return vae.decode(latent);
    }
    int overlap = tile / OVERLAPS;
    int stride = tile - overlap;
    long f = vae.config().downscale();
    try (Scope scope = new Scope()) {
      List<Tensor> bands = new ArrayList<>();
      List<Tensor> above = null;
      for (long y = 0; y < height; y += stride) {
        List<Tensor> row = new ArrayList<>();
        for (long x = 0; x < width; x += stride) {
          Tensor part =
              latent
                  .narrow(2, y, Math.min(tile, height - y))
                  .narrow(3, x, Math.min(tile, width - x));
          Tensor up = above == null ? null : above.get(row.size());
          Tensor left = row.isEmpty() ? null : row.get(row.size() - 1);
          row.add(
              Scope.compute(
                  () -> fade(left, fade(up, vae.decode(part), overlap * f, 2), overlap * f, 3)));
        }
        bands.add(Ops.cat(row.stream().map(part -> corner(part, stride * f)).toList(), 3));
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
    Tensor mixed = last.mul(Ops.of(falling, shape)).add(first.mul(Ops.of(rising, shape)));
    return Ops.cat(List.of(mixed, tile.narrow(dim, n, tile.size(dim) - n)), dim);
  }

  /** What of a tile no later one covers. */
  private static Tensor corner(Tensor tile, long side) {
    return tile.narrow(2, 0, Math.min(side, tile.size(2)))
        .narrow(3, 0, Math.min(side, tile.size(3)));
  }
}
