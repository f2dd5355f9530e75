/** The building blocks that the U-Net and the autoencoder share. */
package org.syntagen.diffusion.block;
