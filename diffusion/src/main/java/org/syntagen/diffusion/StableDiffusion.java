package org.syntagen.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.Scheduler;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.TiledAutoencoder;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Stable Diffusion 1.x and 2.x (Rombach et al., 2022): prompts and seeds become images, from noise
 * or from other images. The noise of a seed is PyTorch's, drawn for each image alone: first that
 * which the image starts from, then, with a stochastic scheduler, that of each step. Immutable
 * after loading and safe to call from several threads.
 */
public final class StableDiffusion {
  private static final long MUCH_MEMORY = 1L << 28;

  private final ClipTokenizer tokenizer;
  private final ClipTextModel textModel;
  private final UNet2DCondition unet;
  private final AutoencoderKl vae;
  private final SchedulerConfig schedulerConfig;
  private final boolean tiled;

  public StableDiffusion(
      ClipTokenizer tokenizer,
      ClipTextModel textModel,
      UNet2DCondition unet,
      AutoencoderKl vae,
      SchedulerConfig schedulerConfig) {
    this(tokenizer, textModel, unet, vae, schedulerConfig, false);
  }

  private StableDiffusion(
      ClipTokenizer tokenizer,
      ClipTextModel textModel,
      UNet2DCondition unet,
      AutoencoderKl vae,
      SchedulerConfig schedulerConfig,
      boolean tiled) {
    this.tokenizer = tokenizer;
    this.textModel = textModel;
    this.unet = unet;
    this.vae = vae;
    this.schedulerConfig = schedulerConfig;
    this.tiled = tiled;
  }

  /**
   * The same model, encoding and decoding images that are larger than it was trained on in tiles of
   * that size: less memory for a slightly other image ({@link TiledAutoencoder}).
   */
  public StableDiffusion inTiles() {
    return new StableDiffusion(tokenizer, textModel, unet, vae, schedulerConfig, true);
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public UNet2DCondition unet() {
    return unet;
  }

  public AutoencoderKl vae() {
    return vae;
  }

  /** How the model is sampled, beside what {@link GenerationSettings} say. */
  public SchedulerConfig schedulerConfig() {
    return schedulerConfig;
  }

  /**
   * The same model with texts embedded by an earlier layer (diffusers' clip_skip), for checkpoints
   * that were trained so. Shares this one's weights.
   *
   * @param layers how many of the text encoder's last layers are left out; 0 for none. Stable
   *     Diffusion 2's has its last layer left out from the start.
   * @throws IllegalArgumentException if the text encoder has not more layers than that
   */
  public StableDiffusion withClipSkip(int layers) {
    return new StableDiffusion(
        tokenizer, textModel.withoutLast(layers), unet, vae, schedulerConfig, tiled);
  }

  /**
   * The same model with words that it learnt by textual inversion (Gal et al., 2022), for prompts
   * and negative prompts. Shares this one's weights.
   *
   * @throws org.syntagen.tensor.WeightsException if an embedding was made for another text encoder
   * @throws InputException if two have the same word, or one has a special token's
   */
  public StableDiffusion withEmbeddings(List<TextualInversion> embeddings) {
    ClipTokenizer words = tokenizer;
    ClipTextModel text = textModel;
    for (TextualInversion embedding : embeddings) {
      embedding.requireFits(text.config().width(), tokenizer.maxLength() - 2);
      if (words.reserved(embedding.word())) {
        throw new InputException(
            embedding.file()
                + ": the word '"
                + embedding.word()
                + "' is taken by another embedding or a special token; rename the file or leave one"
                + " out");
      }
      words = words.withWord(embedding.word(), text.config().vocabSize(), embedding.count());
      text = text.withTokens(embedding.vectors());
    }
    return new StableDiffusion(words, text, unet, vae, schedulerConfig, tiled);
  }

  /** Width and height the model was trained on, in pixels. */
  public int nativeSize() {
    return unet.config().sampleSize() * vae.config().downscale();
  }

  /**
   * Checks that the scheduler can sample so.
   *
   * @param strength of the images that are started from, as {@link ImageStart#strength}; empty for
   *     noise alone
   * @throws InputException if it has not the number of steps, lacks a setting, or cannot begin
   *     there
   */
  public void requireSchedule(GenerationSettings settings, OptionalDouble strength) {
    try (Scheduler scheduler =
        settings.scheduler().create(schedulerConfig, settings.steps(), () -> null)) {
      if (strength.isPresent()) {
        scheduler.firstCall(ImageStart.skipped(strength.getAsDouble(), settings.steps()));
      }
    }
  }

  /** Refuses sizes that the model's halvings do not divide. */
  public void requireSize(int width, int height) {
    int multiple = Math.max(8, vae.config().downscale());
    for (int side : new int[] {width, height}) {
      if (side < multiple || side % multiple != 0) {
        throw new InputException(
            "image size "
                + width
                + "x"
                + height
                + ": each side must be a positive multiple of "
                + multiple);
      }
    }
  }

  /**
   * Embeds texts.
   *
   * @return [texts, tokens, width], owned by the open scope
   */
  public Tensor embed(List<String> texts) {
    int length = tokenizer.maxLength();
    long[] ids = new long[texts.size() * length];
    for (int i = 0; i < texts.size(); i++) {
      System.arraycopy(tokenizer.encode(texts.get(i)).ids(), 0, ids, i * length, length);
    }
    try (NoGrad noGrad = new NoGrad()) {
      return Scope.compute(() -> textModel.forward(Tensors.of(ids, texts.size(), length)));
    }
  }

  /**
   * Samples latents. Images of a batch do not influence each other, but libtorch adds up in another
   * order for other batch sizes and thread counts, which moves a latent by about 1e-5 and now and
   * then a pixel by one. For bits that anyone can reproduce, give one caption a call and one thread
   * within operations ({@code Threads.set(1, …)}); then neither what ran before nor what runs on
   * other threads matters.
   *
   * @param captions one an image
   * @param seeds one an image
   * @param probe receives the attention of the conditional half, or null
   * @return [images, 4, height / f, width / f], scaled as the U-Net sees it; owned by the open
   *     scope
   */
  public Tensor sample(
      List<String> captions, long[] seeds, GenerationSettings settings, AttentionProbe probe) {
    return sample(captions, seeds, settings, null, probe, StepListener.NONE);
  }

  /**
   * Samples latents from images, telling of each step. A seed's noise is drawn for the image's
   * encoding first, then for the level that it starts at, then for the steps. In PNDM, whose
   * history is empty there, diffusers repeats the second call instead of the first and stays a step
   * behind; here the first step has first order.
   *
   * @param start one image a caption, of the settings' width and height; null to start from noise
   *     as {@link #sample(List, long[], GenerationSettings, AttentionProbe)}, whose other arguments
   *     and result are the same
   * @param listener may show what is there so far, or end the sampling by throwing
   * @throws InputException if the strength is less than one step, or the scheduler cannot begin
   *     midway
   */
  public Tensor sample(
      List<String> captions,
      long[] seeds,
      GenerationSettings settings,
      ImageStart start,
      AttentionProbe probe,
      StepListener listener) {
    requireSize(settings.width(), settings.height());
    int images = captions.size();
    long[] pixels = {images, 3, settings.height(), settings.width()};
    if (start != null && !Arrays.equals(Tensors.shape(start.images()), pixels)) {
      throw new IllegalArgumentException(
          "images to start from have shape "
              + Arrays.toString(Tensors.shape(start.images()))
              + ", expected "
              + Arrays.toString(pixels));
    }
    int f = vae.config().downscale();
    int channels = unet.config().latentChannels();
    try (NoGrad noGrad = new NoGrad();
        BatchNoise noise =
            new BatchNoise(seeds, channels, settings.height() / f, settings.width() / f);
        Scheduler scheduler =
            settings.scheduler().create(schedulerConfig, settings.steps(), noise::draw);
        Scope scope = new Scope()) {
      List<String> texts = new ArrayList<>();
      if (settings.guided()) {
        texts.addAll(Collections.nCopies(images, settings.negativePrompt()));
      }
      texts.addAll(captions);
      Tensor text = embed(texts);
      int first =
          start == null
              ? 0
              : scheduler.firstCall(ImageStart.skipped(start.strength(), settings.steps()));
      Tensor latent =
          start == null
              ? Ops.scale(noise.draw(), scheduler.initNoiseSigma())
              : scheduler.addNoise(encode(start.images(), noise.draw()), noise.draw(), first);
      float[] timesteps = scheduler.timesteps();
      for (int i = first; i < timesteps.length; i++) {
        try (Scope step = new Scope()) {
          Tensor input = scheduler.scaleInput(latent, i);
          Tensor prediction = predict(input, timesteps[i], text, settings, probe);
          latent = step.keep(scheduler.step(prediction, i, latent));
          listener.after(i + 1, timesteps.length, latent);
        }
      }
      return scope.keep(latent);
    }
  }

  /** A sample of the images' latents, scaled as the U-Net sees it. */
  private Tensor encode(Tensor images, Tensor noise) {
    return Scope.compute(
        () ->
            Ops.scale(
                (tiled ? tiles().encode(images) : vae.encode(images)).sample(noise),
                vae.config().scalingFactor()));
  }

  private Tensor predict(
      Tensor latent,
      float timestep,
      Tensor text,
      GenerationSettings settings,
      AttentionProbe probe) {
    Tensor input = settings.guided() ? Ops.cat(List.of(latent, latent), 0) : latent;
    Tensor timesteps = Tensors.full(timestep, input.size(0));
    Tensor prediction = unet.forward(input, timesteps, text, probe);
    if (!settings.guided()) {
      return prediction;
    }
    Tensor[] halves = Ops.chunk(prediction, 2, 0); // unconditional, conditional
    return new Guidance(settings.guidance(), settings.guidanceRescale())
        .apply(halves[0], halves[1]);
  }

  /**
   * Decodes latents to pixels, one image after the other.
   *
   * @param latents as from {@link #sample}
   * @return [images, height, width, 3], dtype U8, owned by the open scope
   */
  public Tensor decode(Tensor latents) {
    long side = vae.config().downscale();
    if (vae.config().decodingBytes((int) (latents.size(3) * side), (int) (latents.size(2) * side))
        >= MUCH_MEMORY) {
      Pointer.trimMemory(); // what the U-Net has freed lies in pieces that are too small
    }
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      List<Tensor> images = new ArrayList<>();
      for (int i = 0; i < latents.size(0); i++) {
        Tensor latent = latents.narrow(0, i, 1);
        images.add(Scope.compute(() -> pixels(latent)));
      }
      return scope.keep(Ops.cat(images, 0));
    }
  }

  private Tensor pixels(Tensor latent) {
    Tensor scaled = Ops.scale(latent, 1 / vae.config().scalingFactor());
    Tensor image = tiled ? tiles().decode(scaled) : vae.decode(scaled);
    return Ops.toBytes(Ops.plus(Ops.scale(image, 0.5), 0.5)).permute(0, 2, 3, 1);
  }

  private TiledAutoencoder tiles() {
    return new TiledAutoencoder(vae, unet.config().sampleSize());
  }
}
