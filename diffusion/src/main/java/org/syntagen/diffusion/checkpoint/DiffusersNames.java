package org.syntagen.diffusion.checkpoint;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;

/**
 * What changed over time in diffusers' and transformers' own files: the official folders of Stable
 * Diffusion 1 and 2 name the autoencoder's attention query, key, value and proj_attn, and keep the
 * text encoder's position_ids, which are the numbers from 0 on and no weights.
 */
public final class DiffusersNames {
  private static final String POSITION_IDS = "text_model.embeddings.position_ids";

  private static final Pattern BARE_TEXT =
      Pattern.compile("(embeddings|encoder\\.layers|final_layer_norm)\\..+");
  private static final Pattern VAE_ATTENTION =
      Pattern.compile("((?:encoder|decoder)\\.mid_block\\.attentions\\.0\\.)(\\w+)(\\..+)");
  private static final Map<String, String> OLD =
      Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

  private DiffusersNames() {}

  /**
   * The weights of one part under today's names and shapes.
   *
   * @return views; either dictionary may be closed first
   */
  public static StateDict current(StateDict stored) {
    StateDict views = stored.derived(stored.origin());
    for (String name : stored.names()) {
      String today = today(name);
      if (today.equals(POSITION_IDS)) {
        continue;
      }
      Tensor tensor = stored.get(name);
      boolean convolution =
          VAE_ATTENTION.matcher(today).matches() && tensor.dim() == 4 && tensor.numel() > 0;
      if (convolution) { // 1 × 1, the same map as the matrix
        views.put(today, Scope.compute(() -> tensor.flatten(1, 3)));
      } else {
        views.share(today, tensor);
      }
    }
    return views;
  }

  private static String today(String name) {
    if (BARE_TEXT.matcher(name).matches()) {
      return "text_model." + name;
    }
    Matcher attention = VAE_ATTENTION.matcher(name);
    if (attention.matches() && OLD.containsKey(attention.group(2))) {
      return attention.group(1) + OLD.get(attention.group(2)) + attention.group(3);
    }
    return name;
  }
}
