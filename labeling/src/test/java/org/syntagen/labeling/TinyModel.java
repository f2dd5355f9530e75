package org.syntagen.labeling;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.text.BpeTrainer;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Weights;

/** A model with random weights: nothing to look at, everything to compute. */
final class TinyModel {
  /** Of a latent and of the finest attention. */
  static final int SIDE = 16;

  private TinyModel() {}

  /** 64 × 64 images from 16 × 16 latents, attention at both resolutions. */
  static StableDiffusion random() {
    ClipTokenizer tokenizer =
        new BpeTrainer(400, 16)
            .train(List.of("a photo of a dog and a dining table", "a cat in a room"));
    try (SeededNoise noise = new SeededNoise(3)) {
      ClipTextConfig text = new ClipTextConfig(tokenizer.vocabSize(), 16, 1, 2, 32, 16, true);
      UNetConfig unet =
          new UNetConfig(
              16, 4, List.of(8, 16), List.of(true, true), 1, List.of(2, 2), 16, 4, 1e-5, false);
      return new StableDiffusion(
          tokenizer,
          new ClipTextModel(Weights.random(noise), text),
          new UNet2DCondition(Weights.random(noise), unet),
          new AutoencoderKl(Weights.random(noise), new VaeConfig(4, List.of(8, 8, 8), 1, 4, 0.2)),
          SchedulerConfig.stableDiffusion());
    }
  }

  /** A latent after two steps, drawn while a probe watches: [1, 4, 16, 16]. */
  static Tensor sample(StableDiffusion model, String caption, AttentionProbe probe) {
    return model.sample(
        List.of(caption),
        new long[] {5},
        new GenerationSettings(64, 64, 2, 4, "", SchedulerKind.DDIM),
        probe);
  }

  /** What is seen meanwhile, at the finest grid's size: resizing changes nothing. */
  static Scores scores(StableDiffusion model, Attribution attribution, Prompt prompt) {
    try (Scope scope = new Scope();
        Attribution.Watch watch = attribution.watch(model, prompt, SIDE)) {
      return watch.scores(sample(model, prompt.caption(), watch.probe()), SIDE, SIDE);
    }
  }
}
