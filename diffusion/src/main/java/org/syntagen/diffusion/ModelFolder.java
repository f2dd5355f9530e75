package org.syntagen.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.checkpoint.DiffusersNames;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;

/**
 * A model folder in diffusers' layout for Stable Diffusion 1.x or 2.x: model_index.json and the
 * parts' folders, each with config.json and its weights. These may be safetensors or PyTorch's
 * .bin, in one file or in shards with an index, or in half precision (.fp16), looked for in this
 * order. Older names of tensors are understood.
 */
public final class ModelFolder {
  /** The parts with weights: their folder and the names of weight files without endings. */
  public enum Part {
    TEXT_ENCODER("text_encoder", "model", "pytorch_model"),
    UNET("unet", "diffusion_pytorch_model", "diffusion_pytorch_model"),
    VAE("vae", "diffusion_pytorch_model", "diffusion_pytorch_model");

    private final String folder;
    private final String safetensors;
    private final String torch;

    Part(String folder, String safetensors, String torch) {
      this.folder = folder;
      this.safetensors = safetensors;
      this.torch = torch;
    }

    /** The folder's name. */
    public String folder() {
      return folder;
    }

    /**
     * Names of the files that may hold the part's weights or, ending in .json, tell its shards; the
     * first that there is counts: safetensors before PyTorch's .bin, half precision (.fp16) last.
     */
    public List<String> weightFiles() {
      return List.of(
          safetensors + ".safetensors",
          safetensors + ".safetensors.index.json",
          torch + ".bin",
          torch + ".bin.index.json",
          safetensors + ".fp16.safetensors",
          safetensors + ".safetensors.index.fp16.json",
          torch + ".fp16.bin");
    }
  }

  private final Path root;
  private final FolderConfigs configs;

  public ModelFolder(Path root) {
    this.root = root;
    this.configs = new FolderConfigs(root);
  }

  /**
   * A model and the weights it rests on; {@link #close} frees these.
   *
   * @param fingerprint of the weights as they are stored, and of what is merged into them
   * @param loras what is merged into the weights
   * @param states a part each, in the order of {@link Part}
   */
  public record Loaded(
      StableDiffusion model, String fingerprint, List<Lora.Merged> loras, List<StateDict> states)
      implements AutoCloseable {
    /** Number of weights in all parts. */
    public long elements() {
      return states.stream().mapToLong(StateDict::elements).sum();
    }

    @Override
    public void close() {
      states.forEach(StateDict::close);
    }
  }

  /** Reads a whole model; in 32 bits; see {@link #load(List, Dtype)}. */
  public Loaded load() {
    return load(List.of(), Dtype.F32);
  }

  /**
   * Reads a whole model. Weights are converted once, whatever their storage type.
   *
   * @param loras merged into the weights, in their order
   * @param dtype what weights are kept in: F32; or BF16, for half the memory, with features in 32
   *     bits all the same
   * @return the caller closes it
   * @throws InputException if there is no such model folder or a part of it is not as it should be
   * @throws org.syntagen.tensor.WeightsException if weights do not fit the architecture
   */
  public Loaded load(List<Lora> loras, Dtype dtype) {
    requireModel();
    ClipTokenizer tokenizer = tokenizer();
    try (ModelBuilder builder = new ModelBuilder(root.toString(), dtype, loras)) {
      ClipTextModel text =
          builder.part(
              Part.TEXT_ENCODER,
              stored(Part.TEXT_ENCODER),
              weights -> new ClipTextModel(weights, textConfig()));
      UNet2DCondition unet =
          builder.part(
              Part.UNET, stored(Part.UNET), weights -> new UNet2DCondition(weights, unetConfig()));
      AutoencoderKl vae =
          builder.part(
              Part.VAE, stored(Part.VAE), weights -> new AutoencoderKl(weights, vaeConfig()));
      builder.merge();
      return builder.model(tokenizer, text, unet, vae, configs.scheduler());
    }
  }

  /** Refuses what is no folder of Stable Diffusion. */
  void requireModel() {
    if (!Files.isDirectory(root)) {
      throw new InputException(
          root + ": no such model folder; expected one with model_index.json, unet/, vae/, …");
    }
    configs.requireStableDiffusion();
  }

  /** The weights of a part as they are stored, under today's names; the caller closes them. */
  StateDict stored(Part part) {
    try (StateDict files = partFiles(part).read()) {
      return DiffusersNames.current(files);
    }
  }

  private PartFiles partFiles(Part part) {
    return new PartFiles(root.resolve(part.folder), part.weightFiles());
  }

  /** The tokenizer alone. */
  public ClipTokenizer tokenizer() {
    return ClipTokenizer.read(root.resolve("tokenizer"));
  }

  /** The weights of a part alone, in writable 32-bit floats; the caller closes them. */
  public StateDict weights(Part part) {
    try (StateDict stored = stored(part)) {
      return stored.copy(Dtype.F32);
    }
  }

  /** Where the weights of a part are written to. */
  public Path weightFile(Part part) {
    return root.resolve(part.folder).resolve(part.safetensors + ".safetensors");
  }

  ClipTextConfig textConfig() {
    return configs.text();
  }

  UNetConfig unetConfig() {
    return configs.unet();
  }

  VaeConfig vaeConfig() {
    return configs.vae();
  }

  /** Writes weights of a part in a storage type, with the metadata that diffusers expects. */
  public void writeWeights(Part part, StateDict state, Dtype dtype) {
    try (StateDict stored = state.copy(dtype)) {
      ConfigJson.createFolders(weightFile(part).getParent());
      SafeTensors.write(weightFile(part), stored, Map.of("format", "pt"));
    }
  }

  /** Writes every JSON file of a model; the tokenizer's files and weights are written apart. */
  public void writeConfigs(
      ClipTextConfig text, UNetConfig unet, VaeConfig vae, SchedulerConfig scheduler) {
    new FolderConfigWriter(root).write(text, unet, vae, scheduler);
  }
}
