/** Training a small latent diffusion model from images and captions alone. */
package org.syntagen.diffusion.training;
