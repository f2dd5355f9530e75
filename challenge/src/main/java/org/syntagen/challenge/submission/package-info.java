/**
 * What a team commits to and hands in: a manifest of fingerprints, a package of the files that it
 * speaks of, and the host's signed receipt.
 */
package org.syntagen.challenge.submission;
