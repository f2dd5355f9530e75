/** The public record of what a competition's host and organisers did, which nobody can rewrite. */
package org.syntagen.challenge.audit;
