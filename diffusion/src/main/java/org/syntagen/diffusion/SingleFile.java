package org.syntagen.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder.Loaded;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.checkpoint.Architecture;
import org.syntagen.diffusion.checkpoint.LdmCheckpoint;
import org.syntagen.diffusion.checkpoint.ShapeConfigs;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.Weights;

/**
 * A Stable Diffusion 1.x or 2.x checkpoint in one file (.safetensors or .ckpt), in the layout of
 * its first release. Such a file has weights only: the sizes are read off their shapes, the
 * tokenizer lies elsewhere.
 *
 * @param tokenizer folder with vocab.json and merges.txt; by default "tokenizer" beside the file
 * @param ema load the moving average of the U-Net's weights, if the file has one
 * @param prediction what the U-Net predicts; by default noise in 1.x, and in 2.x what a single call
 *     of the U-Net shows
 */
public record SingleFile(
    Path file, Optional<Path> tokenizer, boolean ema, Optional<Prediction> prediction) {
  private static final int LATENT_512 = 64;
  private static final int LATENT_768 = 96;

  /** A file with everything else as usual. */
  public static SingleFile of(Path file) {
    return new SingleFile(file, Optional.empty(), false, Optional.empty());
  }

  /** Reads the whole model; in 32 bits; see {@link #load(List, Dtype)}. */
  public Loaded load() {
    return load(List.of(), Dtype.F32);
  }

  /**
   * Reads the whole model. Weights are converted once, whatever their storage type. The fingerprint
   * is that of a folder with the same tensors.
   *
   * @param loras merged into the weights, in their order
   * @param dtype what weights are kept in: F32; or BF16, for half the memory, with features in 32
   *     bits all the same
   * @return the caller closes it
   * @throws InputException if there is no tokenizer or parts do not fit each other
   * @throws org.syntagen.tensor.WeightsException if the file is missing, damaged, of another
   *     architecture or incomplete
   */
  public Loaded load(List<Lora> loras, Dtype dtype) {
    try (StateDict stored = WeightFile.read(file);
        ModelBuilder builder = new ModelBuilder(file.toString(), dtype, loras)) {
      LdmCheckpoint checkpoint = new LdmCheckpoint(stored);
      checkpoint.requireSupported();
      Architecture architecture = checkpoint.architecture();
      ClipTokenizer tokens = tokens(architecture);
      ClipTextModel text =
          builder.part(
              Part.TEXT_ENCODER,
              checkpoint.text(),
              weights ->
                  new ClipTextModel(weights, ShapeConfigs.text(weights.state(), architecture)));
      Denoiser denoiser =
          builder.part(Part.UNET, checkpoint.unet(ema), weights -> denoiser(weights, architecture));
      AutoencoderKl vae =
          builder.part(
              Part.VAE,
              checkpoint.vae(),
              weights -> new AutoencoderKl(weights, ShapeConfigs.vae(weights.state())));
      builder.merge();
      return builder.model(
          tokens,
          text,
          denoiser.unet,
          vae,
          SchedulerConfig.stableDiffusion().withPrediction(denoiser.prediction));
    }
  }

  private ClipTokenizer tokens(Architecture architecture) {
    Path folder = tokenizer.orElse(file.toAbsolutePath().resolveSibling("tokenizer"));
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          folder
              + ": no such tokenizer folder; a single file has no tokenizer: give CLIP's folder with"
              + " vocab.json and merges.txt");
    }
    ClipTokenizer tokens = ClipTokenizer.read(folder);
    return tokens.padWith(
        architecture == Architecture.STABLE_DIFFUSION_1 ? tokens.endId() : 0); // OpenCLIP's
  }

  private record Denoiser(UNet2DCondition unet, Prediction prediction) {}

  /** Of the models of 2.x, those for 768 pixels predict velocity and those for 512 noise. */
  private Denoiser denoiser(Weights weights, Architecture architecture) {
    UNetConfig config = ShapeConfigs.unet(weights.state(), architecture, LATENT_512);
    UNet2DCondition unet = new UNet2DCondition(weights, config);
    if (architecture == Architecture.STABLE_DIFFUSION_1) {
      return new Denoiser(unet, prediction.orElse(Prediction.EPSILON));
    }
    Prediction predicts = prediction.orElseGet(() -> probe(unet));
    if (predicts != Prediction.V_PREDICTION) {
      return new Denoiser(unet, predicts);
    }
    UNetConfig large = ShapeConfigs.unet(weights.state(), architecture, LATENT_768);
    return new Denoiser(new UNet2DCondition(weights, large), predicts);
  }

  /**
   * Nothing in a file of 2.x says what its U-Net predicts, but its answer at the last timestep
   * does: the input is all but pure noise there, so that a prediction of noise is the input again,
   * while a prediction of velocity is far below it. The input and the bound are those that
   * AUTOMATIC1111's web UI tells the public checkpoints apart by.
   */
  private static Prediction probe(UNet2DCondition unet) {
    int side = 8;
    int tokens = 2;
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor input = Tensors.full(0.5, 1, unet.config().latentChannels(), side, side);
      Tensor text = Tensors.full(0.5, 1, tokens, unet.config().crossAttentionDim());
      Tensor answer = unet.forward(input, Tensors.full(999, 1), text, null);
      float change = Tensors.floats(Ops.mean(answer.sub(input), false, 0, 1, 2, 3))[0];
      return change < -1 ? Prediction.V_PREDICTION : Prediction.EPSILON;
    }
  }
}
