package org.syntagen.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.checkpoint.Architecture;
import org.syntagen.diffusion.checkpoint.LdmCheckpoint;
import org.syntagen.diffusion.checkpoint.ShapeConfigs;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.Weights;

/**
 * What a model file or folder holds, and where it differs from what its architecture asks for. The
 * tensors are mapped and hashed, but no network is built.
 *
 * @param contents of the folder's parts, or of the file with what belongs to no part
 * @param ema whether there is a moving average of the U-Net's weights
 * @param parts empty if the architecture is not supported
 * @param fingerprint as of the loaded model; of the file if the architecture is not supported
 */
public record ModelInspection(
    Architecture architecture,
    Contents contents,
    boolean ema,
    List<PartReport> parts,
    String fingerprint) {

  /** Numbers of tensors, of their elements, and of elements by type. */
  public record Contents(long tensors, long parameters, Map<Dtype, Long> dtypes) {
    static Contents of(StateDict state) {
      Map<Dtype, Long> dtypes = new EnumMap<>(Dtype.class);
      for (String name : state.names()) {
        dtypes.merge(Dtype.of(state.get(name)), state.get(name).numel(), Long::sum);
      }
      return new Contents(state.size(), state.elements(), dtypes);
    }

    Contents plus(Contents other) {
      Map<Dtype, Long> sums = new EnumMap<>(Dtype.class);
      sums.putAll(dtypes);
      other.dtypes.forEach((dtype, elements) -> sums.merge(dtype, elements, Long::sum));
      return new Contents(tensors + other.tensors, parameters + other.parameters, sums);
    }
  }

  /**
   * @param missing names that the architecture asks for in vain
   * @param unexpected names that it does not ask for
   * @param misshapen names with the shape found and the one expected
   */
  public record PartReport(
      Part part,
      Contents contents,
      List<String> missing,
      List<String> unexpected,
      List<String> misshapen) {

    /** Whether the part can be loaded. */
    public boolean fits() {
      return missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty();
    }

    static PartReport of(Part part, StateDict stored, Map<String, long[]> expected) {
      List<String> missing = new ArrayList<>();
      List<String> misshapen = new ArrayList<>();
      expected.forEach(
          (name, shape) -> {
            if (!stored.contains(name)) {
              missing.add(name);
              return;
            }
            long[] found = Tensors.shape(stored.get(name));
            if (!Arrays.equals(found, shape)) {
              misshapen.add(
                  name + " " + Arrays.toString(found) + ", expected " + Arrays.toString(shape));
            }
          });
      List<String> unexpected =
          stored.names().stream().filter(name -> !expected.containsKey(name)).toList();
      return new PartReport(part, Contents.of(stored), missing, unexpected, misshapen);
    }
  }

  /** Whether its weights can be loaded: a supported architecture, and every part fits. */
  public boolean loadable() {
    return architecture.supported() && parts.stream().allMatch(PartReport::fits);
  }

  /**
   * Inspects a single file, or a model folder in diffusers' layout.
   *
   * @throws org.syntagen.dataset.InputException if a folder or its configuration is no Stable
   *     Diffusion model's
   * @throws org.syntagen.tensor.WeightsException if a file is missing or damaged, or lacks a tensor
   *     that tells a part's size
   */
  public static ModelInspection of(Path path) {
    return Files.isDirectory(path) ? ofFolder(new ModelFolder(path)) : ofFile(path);
  }

  private static ModelInspection ofFolder(ModelFolder folder) {
    folder.requireModel();
    Parts parts = new Parts();
    parts.add(
        Part.TEXT_ENCODER,
        folder.stored(Part.TEXT_ENCODER),
        (state, weights) -> new ClipTextModel(weights, folder.textConfig()));
    parts.add(
        Part.UNET,
        folder.stored(Part.UNET),
        (state, weights) -> new UNet2DCondition(weights, folder.unetConfig()));
    parts.add(
        Part.VAE,
        folder.stored(Part.VAE),
        (state, weights) -> new AutoencoderKl(weights, folder.vaeConfig()));
    Contents contents =
        parts.reports.stream().map(PartReport::contents).reduce(Contents::plus).orElseThrow();
    Architecture architecture =
        folder.textConfig().quickGelu()
            ? Architecture.STABLE_DIFFUSION_1
            : Architecture.STABLE_DIFFUSION_2;
    return parts.inspection(architecture, contents, false);
  }

  private static ModelInspection ofFile(Path file) {
    try (StateDict stored = WeightFile.read(file)) {
      LdmCheckpoint checkpoint = new LdmCheckpoint(stored);
      Architecture architecture = checkpoint.architecture();
      Contents contents = Contents.of(stored);
      if (!architecture.supported()) {
        return new ModelInspection(architecture, contents, false, List.of(), stored.fingerprint());
      }
      Parts parts = new Parts();
      parts.add(
          Part.TEXT_ENCODER,
          checkpoint.text(),
          (state, weights) -> new ClipTextModel(weights, ShapeConfigs.text(state, architecture)));
      parts.add(
          Part.UNET,
          checkpoint.unet(false),
          (state, weights) ->
              new UNet2DCondition(weights, ShapeConfigs.unet(state, architecture, 1)));
      parts.add(
          Part.VAE,
          checkpoint.vae(),
          (state, weights) -> new AutoencoderKl(weights, ShapeConfigs.vae(state)));
      return parts.inspection(architecture, contents, checkpoint.hasEma());
    }
  }

  /** Reports and fingerprints under way. */
  private static final class Parts {
    private final List<PartReport> reports = new ArrayList<>();
    private final StringBuilder prints = new StringBuilder();

    private interface Network {
      void build(StateDict stored, Weights weights);
    }

    /** Closes the weights. */
    void add(Part part, StateDict stored, Network network) {
      try (stored) {
        Consumer<Weights> build = weights -> network.build(stored, weights);
        reports.add(PartReport.of(part, stored, Weights.shapes(stored.origin(), build)));
        prints.append(Fingerprints.line(part, stored));
      }
    }

    ModelInspection inspection(Architecture architecture, Contents contents, boolean ema) {
      return new ModelInspection(
          architecture,
          contents,
          ema,
          List.copyOf(reports),
          Fingerprints.combine(prints.toString()));
    }
  }
}
