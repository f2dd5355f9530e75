/**
 * Text-to-image generation with Stable Diffusion's architecture: a prompt becomes an image, and the
 * attention that drew it can be probed on the way.
 */
package org.syntagen.diffusion;
