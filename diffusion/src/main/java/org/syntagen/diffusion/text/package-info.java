/** From a caption to tokens (byte-pair encoding) and from tokens to embeddings (CLIP). */
package org.syntagen.diffusion.text;
