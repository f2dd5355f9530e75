/**
 * Public models from a hub of Hugging Face's kind: a name becomes a checked model folder. A hub, a
 * mirror of it and the line to them are believed nothing but checksums.
 */
package org.syntagen.diffusion.hub;
