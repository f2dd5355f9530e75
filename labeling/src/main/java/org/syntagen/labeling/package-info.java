/**
 * Label maps from a diffusion model's attention, and the pairs of image and mask made with them.
 */
package org.syntagen.labeling;
