/**
 * The one place that knows libtorch's Java binding: scopes of native memory, seeded noise, named
 * weights and their files, and tensor operations with plain signatures. Other modules use {@code
 * org.bytedeco.pytorch.Tensor} as their tensor type and reach everything else through this package.
 */
package org.syntagen.tensor;
