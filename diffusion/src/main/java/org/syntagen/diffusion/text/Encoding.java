package org.syntagen.diffusion.text;

/**
 * A caption as token ids.
 *
 * @param ids start token, the caption's tokens, end token and padding, up to the tokenizer's
 *     length; shared, not to be changed
 * @param tokens number of ids before the padding, start and end included; the end token is at
 *     {@code tokens − 1}
 * @param cutOff the end of the cleaned caption that found no room, or an empty string
 */
public record Encoding(long[] ids, int tokens, String cutOff) {
  public Encoding {
    if (tokens < 2 || tokens > ids.length) {
      throw new IllegalArgumentException("tokens must be 2 to " + ids.length + ", not " + tokens);
    }
  }

  /** Whether a part of the caption found no room. */
  public boolean truncated() {
    return !cutOff.isEmpty();
  }
}
