/**
 * The scenes benchmark: captioned images with exact masks, composed from openly licensed cut-outs
 * on procedural backgrounds. A scene is a pure function of its seed, its options and the cut-outs.
 */
package org.syntagen.dataset.scenes;
