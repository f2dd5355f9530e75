/**
 * From noise to image in a few steps: the training noise schedule and the samplers that walk it
 * back, numerically equal to diffusers' schedulers of the same names.
 */
package org.syntagen.diffusion.scheduler;
