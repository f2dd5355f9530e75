/** Whether a dataset holds images that it must not know: copies of the private test images. */
package org.syntagen.challenge.duplicates;
