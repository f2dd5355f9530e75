/**
 * Test images for everybody at one instant: the encrypted file can be fetched early, and what is
 * released at the deadline is only its key.
 */
package org.syntagen.challenge.release;
