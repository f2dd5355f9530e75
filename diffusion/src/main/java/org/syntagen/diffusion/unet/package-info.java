/** The denoiser: diffusers' UNet2DConditionModel, with its tensor names and constructor order. */
package org.syntagen.diffusion.unet;
