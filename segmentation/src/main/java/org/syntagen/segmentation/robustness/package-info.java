/** How much of its score a segmenter keeps on corrupted, attacked and unfamiliar images. */
package org.syntagen.segmentation.robustness;
