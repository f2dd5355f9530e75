/** Competitions of full size, to measure their host with; see "Measured" in docs/hosting.md. */
package org.syntagen.bench.competition;
