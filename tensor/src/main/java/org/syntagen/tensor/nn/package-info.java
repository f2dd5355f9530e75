/** Layers as immutable records over named weights, with PyTorch's semantics and initialisation. */
package org.syntagen.tensor.nn;
