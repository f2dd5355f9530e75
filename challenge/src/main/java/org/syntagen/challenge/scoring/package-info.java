/** What teams hand in for the private test images, and the score that it is worth. */
package org.syntagen.challenge.scoring;
