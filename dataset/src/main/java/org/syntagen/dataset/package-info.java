/**
 * Labelled datasets: class sets, label maps, checked reading and atomic writing of images, and the
 * dataset folder itself. Nothing here needs a tensor library.
 */
package org.syntagen.dataset;
