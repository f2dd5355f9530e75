/** The Java side of the comparison with diffusers; see bench/README.md. */
package org.syntagen.bench;
