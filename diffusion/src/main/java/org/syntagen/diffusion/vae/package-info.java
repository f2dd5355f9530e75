/** The image autoencoder: diffusers' AutoencoderKL, with its tensor names and constructor order. */
package org.syntagen.diffusion.vae;
