/** Whether an entry's pairs can be made again from what its team handed in. */
package org.syntagen.challenge.verification;
