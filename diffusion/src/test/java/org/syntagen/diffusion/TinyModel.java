package org.syntagen.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.BpeTrainer;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Weights;

/** A model folder with random weights, for images of 16 × 16 pixels. */
final class TinyModel {
  static final int SIZE = 16;
  static final ClipTokenizer TOKENIZER =
      new BpeTrainer(100, 8).train(List.of("a cat on a table", "a dog", "two sheep"));
  static final ClipTextConfig TEXT =
      new ClipTextConfig(TOKENIZER.vocabSize(), 8, 2, 2, 16, 8, true);
  static final UNetConfig UNET =
      new UNetConfig(8, 4, List.of(8, 16), List.of(true, true), 1, List.of(2, 4), 8, 4, 1e-5, true);
  static final VaeConfig VAE = new VaeConfig(4, List.of(4, 8), 1, 2, 0.5);

  private TinyModel() {}

  static ModelFolder write(Path root) {
    return write(root, Dtype.F32);
  }

  static ModelFolder write(Path root, Dtype dtype) {
    ModelFolder folder = new ModelFolder(root);
    folder.writeConfigs(TEXT, UNET, VAE, SchedulerConfig.stableDiffusion());
    try {
      TOKENIZER.write(root.resolve("tokenizer"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(folder, Part.TEXT_ENCODER, dtype, weights -> new ClipTextModel(weights, TEXT));
    write(folder, Part.UNET, dtype, weights -> new UNet2DCondition(weights, UNET));
    write(folder, Part.VAE, dtype, weights -> new AutoencoderKl(weights, VAE));
    return folder;
  }

  /** Gives a model another U-Net, which need not fit its other parts. */
  static void writeUnet(ModelFolder folder, int crossAttentionDim, int latentChannels) {
    UNetConfig config =
        new UNetConfig(
            UNET.sampleSize(),
            latentChannels,
            UNET.blockOutChannels(),
            UNET.crossAttention(),
            UNET.layersPerBlock(),
            UNET.heads(),
            crossAttentionDim,
            UNET.groups(),
            UNET.eps(),
            UNET.linearProjection());
    folder.writeConfigs(TEXT, config, VAE, SchedulerConfig.stableDiffusion());
    write(folder, Part.UNET, Dtype.F32, weights -> new UNet2DCondition(weights, config));
  }

  private static void write(ModelFolder folder, Part part, Dtype dtype, Consumer<Weights> build) {
    try (SeededNoise noise = new SeededNoise(part.ordinal())) {
      Weights random = Weights.random(noise);
      build.accept(random);
      try (StateDict state = random.state()) {
        folder.writeWeights(part, state, dtype);
      }
    }
  }
}
