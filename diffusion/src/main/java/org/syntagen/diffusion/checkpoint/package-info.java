/**
 * Checkpoints of Stable Diffusion that are not in the names and shapes that the networks ask for:
 * the single-file layout of its first release (Rombach et al., 2022, "LDM") and older names of
 * diffusers' own. Everything here renames and views tensors and copies none.
 */
package org.syntagen.diffusion.checkpoint;
