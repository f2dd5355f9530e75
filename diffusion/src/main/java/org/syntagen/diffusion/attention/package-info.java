/** Attention maps, aggregated while the U-Net runs. */
package org.syntagen.diffusion.attention;
