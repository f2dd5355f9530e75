/**
 * The rules on a dataset that a stranger made: a folder or a zip, hostile until checked. Teams run
 * it before they submit, the host when they do.
 */
package org.syntagen.challenge.check;
