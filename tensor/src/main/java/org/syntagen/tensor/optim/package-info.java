/** Optimisers and weight averaging whose whole state is a set of named tensors. */
package org.syntagen.tensor.optim;
