/** Who stands where, who is out and why, and who wins. */
package org.syntagen.challenge.ranking;
