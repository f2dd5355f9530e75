/**
 * Label maps from a diffusion model's view of an image: attributions score classes, decisions make
 * labels of scores, and pairs of image and mask are made with them.
 */
package org.syntagen.labeling;
