/** The Java side of the comparisons with diffusers and torchvision; see bench/README.md. */
package org.syntagen.bench;
