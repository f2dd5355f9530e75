/** A competition to look at: that of 2024 with new dates and sample teams. */
package org.syntagen.server.demo;
