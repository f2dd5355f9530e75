package org.syntagen.diffusion.checkpoint;

import static org.syntagen.diffusion.checkpoint.Architecture.STABLE_DIFFUSION_1;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightsException;

/**
 * Configurations of a single file's parts. The file states none, so sizes are read off its tensors'
 * shapes; what shapes do not tell is the same in every Stable Diffusion of a generation.
 */
public final class ShapeConfigs {
  private static final int MAX_LEVELS = 16;
  private static final int MAX_LAYERS = 128;

  private static final int GROUPS = 32;
  private static final double UNET_EPS = 1e-5;
  private static final double SCALING_FACTOR = 0.18215;

  /** Of the text encoders' heads, and of the U-Net's in generation 2. */
  private static final int HEAD_WIDTH = 64;

  /** Of the U-Net in generation 1, at every resolution. */
  private static final int HEADS = 8;

  private ShapeConfigs() {}

  /**
   * @param text in diffusers' names
   * @throws WeightsException if a tensor that tells a size is missing or has another rank
   */
  public static ClipTextConfig text(StateDict text, Architecture architecture) {
    String root = "text_model.";
    Tensor tokens = matrix(text, root + "embeddings.token_embedding.weight");
    Tensor positions = matrix(text, root + "embeddings.position_embedding.weight");
    int width = extent(tokens, 1);
    return checked(
        text,
        () ->
            new ClipTextConfig(
                extent(tokens, 0),
                width,
                count(text, root + "encoder.layers.%d.layer_norm1.weight", MAX_LAYERS),
                Math.max(1, width / HEAD_WIDTH),
                extent(matrix(text, root + "encoder.layers.0.mlp.fc1.weight"), 0),
                extent(positions, 0),
                architecture == STABLE_DIFFUSION_1));
  }

  /**
   * @param unet in diffusers' names
   * @param sampleSize height and width of the latent it was trained on, which no shape tells
   * @throws WeightsException if a tensor that tells a size is missing or has another rank
   */
  public static UNetConfig unet(StateDict unet, Architecture architecture, int sampleSize) {
    boolean first = architecture == STABLE_DIFFUSION_1;
    int levels = count(unet, "down_blocks.%d.resnets.0.conv1.weight", MAX_LEVELS);
    List<Integer> channels = new ArrayList<>();
    List<Boolean> cross = new ArrayList<>();
    List<Integer> heads = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      int width = extent(ranked(unet, "down_blocks." + i + ".resnets.0.conv1.weight", 4), 0);
      channels.add(width);
      cross.add(unet.contains("down_blocks." + i + ".attentions.0.norm.weight"));
      heads.add(first ? HEADS : Math.max(1, width / HEAD_WIDTH));
    }
    String middle = "mid_block.attentions.0.";
    return checked(
        unet,
        () ->
            new UNetConfig(
                sampleSize,
                extent(ranked(unet, "conv_in.weight", 4), 1),
                channels,
                cross,
                count(unet, "down_blocks.0.resnets.%d.conv1.weight", MAX_LAYERS),
                heads,
                extent(matrix(unet, middle + "transformer_blocks.0.attn2.to_k.weight"), 1),
                GROUPS,
                UNET_EPS,
                unet.get(middle + "proj_in.weight").dim() == 2));
  }

  /**
   * @param vae in diffusers' names
   * @throws WeightsException if a tensor that tells a size is missing or has another rank
   */
  public static VaeConfig vae(StateDict vae) {
    String block = "encoder.down_blocks.";
    int levels = count(vae, block + "%d.resnets.0.conv1.weight", MAX_LEVELS);
    List<Integer> channels = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      channels.add(extent(ranked(vae, block + i + ".resnets.0.conv1.weight", 4), 0));
    }
    return checked(
        vae,
        () ->
            new VaeConfig(
                extent(ranked(vae, "decoder.conv_in.weight", 4), 1),
                channels,
                count(vae, block + "0.resnets.%d.conv1.weight", MAX_LAYERS),
                GROUPS,
                SCALING_FACTOR));
  }

  /** How many tensors of that name there are, numbered from 0 on. */
  private static int count(StateDict state, String name, int most) {
    int n = 0;
    while (n < most && state.contains(name.formatted(n))) {
      n++;
    }
    if (n == 0) {
      state.get(name.formatted(0)); // says that it is missing
    }
    return n;
  }

  private static Tensor matrix(StateDict state, String name) {
    return ranked(state, name, 2);
  }

  private static Tensor ranked(StateDict state, String name, int rank) {
    Tensor tensor = state.get(name);
    if (tensor.dim() != rank) {
      throw new WeightsException(
          state.origin()
              + ": tensor "
              + name
              + " has "
              + tensor.dim()
              + " dimensions, expected "
              + rank);
    }
    return tensor;
  }

  private static int extent(Tensor tensor, int dimension) {
    return Math.toIntExact(Math.min(tensor.size(dimension), Integer.MAX_VALUE));
  }

  private static <T> T checked(StateDict state, Supplier<T> build) {
    try {
      return build.get();
    } catch (IllegalArgumentException e) {
      throw new WeightsException(
          state.origin() + ": no Stable Diffusion has such shapes: " + e.getMessage());
    }
  }
}
