/**
 * Prepares a library of cut-outs from openly licensed packages that the user has downloaded:
 * furniture catalogues, emoji and icons. A recipe says which picture of which package becomes which
 * cut-out.
 */
package org.syntagen.dataset.scenes.art;
