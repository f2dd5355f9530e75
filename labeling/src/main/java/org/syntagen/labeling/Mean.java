package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;

/**
 * The mean of two attributions: of attention, which tells where a class is if it is there, and of
 * denoising, which tells whether it is there. A class that attention cannot score has none from it.
 *
 * @param attention may watch the calls that draw the image
 * @param denoising must not, since a call has one probe
 */
public record Mean(Attribution attention, DenoisingContrast denoising) implements Attribution {
  static final String NAME = "mean";

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("attention", attention.toMap());
    map.put("denoising", denoising.toMap());
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    attention.requireFits(unet);
    denoising.requireFits(unet);
  }

  @Override
  public List<String> texts(Prompt prompt) {
    List<String> texts = new ArrayList<>(attention.texts(prompt));
    denoising.texts(prompt).stream().filter(text -> !texts.contains(text)).forEach(texts::add);
    return texts;
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    Watch first = attention.watch(model, prompt, latentHeight);
    Watch second = denoising.watch(model, prompt, latentHeight);
    return new Watch() {
      @Override
      public AttentionProbe probe() {
        return first.probe();
      }

      @Override
      public Scores scores(Tensor latent, int width, int height) {
        return mean(first.scores(latent, width, height), second.scores(latent, width, height));
      }

      @Override
      public void close() {
        first.close();
        second.close();
      }
    };
  }

  /**
   * @param all scores all classes
   */
  static Scores mean(Scores some, Scores all) {
    int pixels = all.pixels();
    float[] values = all.values().clone();
    for (int k = 0; k < some.labels().size(); k++) {
      int into = all.labels().indexOf(some.labels().get(k)) * pixels;
      for (int p = 0; p < pixels; p++) {
        values[into + p] += some.values()[k * pixels + p];
      }
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= 2;
    }
    return new Scores(all.labels(), values, all.width(), all.height());
  }
}
