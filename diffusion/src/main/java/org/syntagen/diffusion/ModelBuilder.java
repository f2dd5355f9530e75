package org.syntagen.diffusion;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder.Loaded;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Weights;

/**
 * Makes a model of its parts, wherever they come from, and frees their weights again unless it
 * succeeds.
 */
final class ModelBuilder implements AutoCloseable {
  private final String origin;
  private final Dtype dtype;
  private final List<Lora> loras;
  private final Map<Part, StateDict> states = new EnumMap<>(Part.class);
  private final List<Lora.Merged> merged = new ArrayList<>();
  private final StringBuilder prints = new StringBuilder();

  /**
   * @param origin begins messages about parts that do not fit each other
   * @param dtype what matrices and kernels are kept in: F32, or BF16 for half the memory
   * @param loras to be merged, in their order
   */
  ModelBuilder(String origin, Dtype dtype, List<Lora> loras) {
    if (dtype != Dtype.F32 && dtype != Dtype.BF16) {
      throw new InputException("weights can be kept as F32 or BF16, not as " + dtype);
    }
    this.origin = origin;
    this.dtype = dtype;
    this.loras = List.copyOf(loras);
  }

  /**
   * Builds a part from a copy of its weights.
   *
   * @param stored in stored precision and under today's names, which the fingerprint is of; closed
   *     here
   */
  <T> T part(Part part, StateDict stored, Function<Weights, T> build) {
    try (stored) {
      prints.append(Fingerprints.line(part, stored));
      // Changes are often smaller than what BF16 tells apart, so they are added before rounding.
      boolean changes = part != Part.VAE && !loras.isEmpty();
      StateDict state = stored.copyForUse(changes ? Dtype.F32 : dtype);
      states.put(part, state);
      Weights weights = Weights.of(state);
      T model = build.apply(weights);
      weights.requireAllUsed();
      return model;
    }
  }

  /**
   * Merges the LoRAs into the text encoder and the U-Net, which are built before. The fingerprint
   * tells of them.
   *
   * @throws org.syntagen.tensor.WeightsException if one does not fit the model
   */
  void merge() {
    for (Lora lora : loras) {
      try (LoraFile file = new LoraFile(lora.file())) {
        file.addTo(states.get(Part.TEXT_ENCODER), states.get(Part.UNET), lora.scale());
        merged.add(new Lora.Merged(file.fingerprint(), lora.scale()));
        prints.append(Fingerprints.line(merged.get(merged.size() - 1)));
      }
    }
    if (!loras.isEmpty()) {
      states.get(Part.TEXT_ENCODER).roundForUse(dtype);
      states.get(Part.UNET).roundForUse(dtype);
    }
  }

  /**
   * Hands over the model and its weights.
   *
   * @throws InputException if the parts do not fit each other
   */
  Loaded model(
      ClipTokenizer tokenizer,
      ClipTextModel text,
      UNet2DCondition unet,
      AutoencoderKl vae,
      SchedulerConfig scheduler) {
    requireFit(tokenizer, text, unet, vae);
    StableDiffusion model = new StableDiffusion(tokenizer, text, unet, vae, scheduler);
    Loaded loaded =
        new Loaded(
            model,
            Fingerprints.combine(prints.toString()),
            List.copyOf(merged),
            List.copyOf(states.values()));
    states.clear();
    // Only the collector unmaps the weight files, whose pages count as this process's memory.
    System.gc();
    return loaded;
  }

  private void requireFit(
      ClipTokenizer tokenizer, ClipTextModel text, UNet2DCondition unet, AutoencoderKl vae) {
    if (tokenizer.vocabSize() > text.config().vocabSize()) {
      throw new InputException(
          origin
              + ": the tokenizer knows "
              + tokenizer.vocabSize()
              + " tokens, the text encoder embeds "
              + text.config().vocabSize());
    }
    if (tokenizer.maxLength() > text.config().maxPositions()) {
      throw new InputException(
          origin
              + ": the tokenizer makes "
              + tokenizer.maxLength()
              + " tokens, the text encoder takes "
              + text.config().maxPositions());
    }
    if (text.config().width() != unet.config().crossAttentionDim()) {
      throw new InputException(
          origin
              + ": the text encoder's hidden_size is "
              + text.config().width()
              + ", the U-Net's cross_attention_dim "
              + unet.config().crossAttentionDim());
    }
    if (vae.config().latentChannels() != unet.config().latentChannels()) {
      throw new InputException(
          origin
              + ": the autoencoder has "
              + vae.config().latentChannels()
              + " latent channels, the U-Net "
              + unet.config().latentChannels());
    }
  }

  @Override
  public void close() {
    states.values().forEach(StateDict::close);
  }
}
