package org.syntagen.diffusion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.checkpoint.LoraNames;
import org.syntagen.diffusion.checkpoint.LoraNames.Role;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of a {@link Lora}: mapped, matched with a model's layers, and added to their weights. A
 * matrix and a 1 × 1 convolution may stand for each other.
 */
final class LoraFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Where diffusers keeps PEFT's configuration in a header; its keys begin with the part. */
  private static final String CONFIGURATION = "lora_adapter_metadata";

  private static final String WEIGHT = ".weight";

  private final StateDict stored;
  private final JsonNode configuration;

  /**
   * A layer that can be changed.
   *
   * @param weight [out, in] or [out, in, k, k]
   * @param tensors names in the file of what changes it
   */
  private record Layer(Part part, Tensor weight, Map<Role, String> tensors) {}

  /**
   * Maps a file.
   *
   * @throws WeightsException if it is missing or damaged
   */
  LoraFile(Path file) {
    configuration = configuration(file);
    stored = WeightFile.read(file);
  }

  private static JsonNode configuration(Path file) {
    String text =
        WeightFile.ofTorch(file)
            ? "{}"
            : SafeTensors.metadata(file).getOrDefault(CONFIGURATION, "{}");
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw new WeightsException(file + ": its metadata " + CONFIGURATION + " is not valid JSON");
    }
  }

  /** Of the tensors as they are stored. */
  String fingerprint() {
    return stored.fingerprint();
  }

  /**
   * Adds the change to the weights in place. Nothing is changed unless the whole file fits.
   *
   * @param text 32-bit weights of the text encoder
   * @param unet 32-bit weights of the U-Net
   * @throws WeightsException if a tensor is unknown, misshapen or lacks its counterpart
   */
  void addTo(StateDict text, StateDict unet, double scale) {
    List<Layer> changed = match(text, unet);
    changed.forEach(this::check);
    try (NoGrad noGrad = new NoGrad()) {
      for (Layer layer : changed) {
        try (Scope scope = new Scope()) {
          Tensor down = Tensors.copy(tensor(layer, Role.DOWN), Dtype.F32).flatten(1, -1);
          Tensor up = Tensors.copy(tensor(layer, Role.UP), Dtype.F32).flatten(1, -1);
          Tensor product = up.matmul(down).view(Tensors.shape(layer.weight));
          Ops.addInPlace(layer.weight, product, scale * alpha(layer) / down.size(0));
        }
      }
    }
  }

  private List<Layer> match(StateDict text, StateDict unet) {
    Map<String, Layer> layers = new HashMap<>();
    addLayers(layers, Part.TEXT_ENCODER, text, LoraNames::text);
    addLayers(layers, Part.UNET, unet, LoraNames::unet);
    List<Layer> changed = new ArrayList<>();
    for (String name : stored.names()) {
      LoraNames.Entry entry = LoraNames.parse(name).orElse(null);
      Layer layer = entry == null ? null : layers.get(entry.layer());
      if (layer == null) {
        throw complaint(
            name,
            entry == null
                ? "is no part of a LoRA that can be merged (down, up and alpha, without DoRA, LoHa"
                    + " or LoKr)"
                : "changes a layer that the model does not have; is the LoRA for another model?");
      }
      if (layer.tensors.isEmpty()) {
        changed.add(layer);
      }
      String other = layer.tensors.putIfAbsent(entry.role(), name);
      if (other != null) {
        throw complaint(name, "changes the same layer as " + other);
      }
    }
    if (changed.isEmpty()) {
      throw new WeightsException(stored.origin() + ": holds no tensors; expected a LoRA");
    }
    return changed;
  }

  private static void addLayers(
      Map<String, Layer> layers,
      Part part,
      StateDict state,
      Function<String, List<String>> namesInFiles) {
    for (String name : state.names()) {
      Tensor weight = state.get(name);
      if (name.endsWith(WEIGHT) && (weight.dim() == 2 || weight.dim() == 4)) {
        Layer layer = new Layer(part, weight, new EnumMap<>(Role.class));
        String path = name.substring(0, name.length() - WEIGHT.length());
        namesInFiles.apply(path).forEach(inFile -> layers.put(inFile, layer));
      }
    }
  }

  private void check(Layer layer) {
    for (Role role : List.of(Role.DOWN, Role.UP)) {
      if (!layer.tensors.containsKey(role)) {
        throw complaint(
            layer.tensors.values().iterator().next(),
            "is alone: the layer's " + (role == Role.UP ? "up" : "down") + " factor is missing");
      }
      if (!Dtype.of(tensor(layer, role)).floating()) {
        throw complaint(
            layer.tensors.get(role),
            "has dtype " + Dtype.of(tensor(layer, role)) + ", expected floating-point numbers");
      }
    }
    Tensor down = tensor(layer, Role.DOWN);
    long rank = down.dim() == 0 ? 1 : Math.max(1, down.size(0));
    long[] expected = plain(layer.weight);
    long outputs = expected[0];
    expected[0] = rank;
    requireShape(layer, Role.DOWN, expected);
    requireShape(layer, Role.UP, new long[] {outputs, rank});
    if (!Double.isFinite(alpha(layer))) {
      throw complaint(layer.tensors.get(Role.ALPHA), "is no number");
    }
  }

  private void requireShape(Layer layer, Role role, long[] expected) {
    Tensor factor = tensor(layer, role);
    if (!Arrays.equals(plain(factor), expected)) {
      throw complaint(
          layer.tensors.get(role),
          "has shape "
              + Arrays.toString(Tensors.shape(factor))
              + ", expected "
              + Arrays.toString(expected)
              + " for a weight of shape "
              + Arrays.toString(Tensors.shape(layer.weight)));
    }
  }

  /** The shape, and for a 1 × 1 convolution that of its matrix. */
  private static long[] plain(Tensor x) {
    long[] shape = Tensors.shape(x);
    boolean pointwise = shape.length == 4 && shape[2] == 1 && shape[3] == 1;
    return pointwise ? Arrays.copyOf(shape, 2) : shape;
  }

  /** The file's alpha for the layer or else for its part; without either, the rank. */
  private double alpha(Layer layer) {
    String name = layer.tensors.get(Role.ALPHA);
    if (name != null) {
      if (stored.get(name).numel() != 1) {
        throw complaint(name, "has " + stored.get(name).numel() + " elements, expected one number");
      }
      return Tensors.floats(stored.get(name))[0];
    }
    String part = layer.part.folder() + ".";
    for (String key : List.of("alpha_pattern", "use_rslora", "use_dora")) {
      JsonNode value = configuration.path(part + key);
      if (value.isObject() ? !value.isEmpty() : value.isBoolean() && value.booleanValue()) {
        throw new WeightsException(
            stored.origin() + ": its metadata sets " + part + key + ", which cannot be merged");
      }
    }
    JsonNode alpha = configuration.path(part + "lora_alpha");
    return alpha.isNumber() ? alpha.doubleValue() : tensor(layer, Role.DOWN).size(0);
  }

  private Tensor tensor(Layer layer, Role role) {
    return stored.get(layer.tensors.get(role));
  }

  private WeightsException complaint(String name, String what) {
    return new WeightsException(stored.origin() + ": tensor " + name + " " + what);
  }

  @Override
  public void close() {
    stored.close();
  }
}
