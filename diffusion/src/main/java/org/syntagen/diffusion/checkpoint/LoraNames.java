package org.syntagen.diffusion.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How public LoRA files name the layers that they change and what they hold for them: diffusers'
 * names of today (PEFT's) and of old, and those of kohya's sd-scripts, where a layer's path has
 * underscores for its dots. Underscores cannot be told apart again, so it is a model's layers that
 * are asked for their possible names, and not the other way round.
 */
public final class LoraNames {
  /** What a tensor is to its layer. */
  public enum Role {
    /** First factor: inputs to rank. */
    DOWN,
    /** Second factor: rank to outputs. */
    UP,
    /** Numerator of the change's scale, whose denominator is the rank. */
    ALPHA
  }

  /**
   * @param layer as the file calls it
   */
  public record Entry(String layer, Role role) {}

  private static final Map<String, Role> ENDINGS =
      Map.ofEntries(
          Map.entry(".lora_down.weight", Role.DOWN),
          Map.entry(".lora_up.weight", Role.UP),
          Map.entry(".lora_A.weight", Role.DOWN),
          Map.entry(".lora_B.weight", Role.UP),
          Map.entry(".lora.down.weight", Role.DOWN),
          Map.entry(".lora.up.weight", Role.UP),
          Map.entry("_lora.down.weight", Role.DOWN),
          Map.entry("_lora.up.weight", Role.UP),
          Map.entry(".lora_linear_layer.down.weight", Role.DOWN),
          Map.entry(".lora_linear_layer.up.weight", Role.UP),
          Map.entry(".alpha", Role.ALPHA));

  private static final Pattern ATTENTION =
      Pattern.compile("(.+\\.attn[12])\\.(to_q|to_k|to_v|to_out)(?:\\.0)?");
  private static final Pattern TEXT_ATTENTION =
      Pattern.compile("(.+\\.self_attn)\\.(q|k|v|out)_proj");

  private LoraNames() {}

  /** What a tensor of that name is; empty if it is none of a LoRA's. */
  public static Optional<Entry> parse(String tensor) {
    return ENDINGS.entrySet().stream()
        .filter(ending -> tensor.endsWith(ending.getKey()))
        .map(
            ending ->
                new Entry(
                    tensor.substring(0, tensor.length() - ending.getKey().length()),
                    ending.getValue()))
        .findFirst();
  }

  /** What files call a layer of the U-Net, such as {@code conv_in}. */
  public static List<String> unet(String layer) {
    List<String> names = new ArrayList<>();
    names.add("unet." + layer);
    names.add(layer); // the first training scripts changed the U-Net alone
    names.add("lora_unet_" + layer.replace('.', '_'));
    Matcher attention = ATTENTION.matcher(layer);
    if (attention.matches()) {
      String processor = attention.group(1) + ".processor." + attention.group(2);
      names.add("unet." + processor);
      names.add(processor);
    }
    return names;
  }

  /** What files call a layer of the text encoder, such as {@code text_model.….mlp.fc1}. */
  public static List<String> text(String layer) {
    List<String> names = new ArrayList<>();
    names.add("text_encoder." + layer);
    names.add("lora_te_" + layer.replace('.', '_'));
    Matcher attention = TEXT_ATTENTION.matcher(layer);
    if (attention.matches()) {
      names.add("text_encoder." + attention.group(1) + ".to_" + attention.group(2));
    }
    return names;
  }
}
