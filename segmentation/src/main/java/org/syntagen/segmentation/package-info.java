/**
 * Semantic segmentation by DeepLabv3 in torchvision's structure and key names: the networks, the
 * training recipe, and evaluation by one confusion matrix over a set of images.
 */
package org.syntagen.segmentation;
