/**
 * A competition as its organisers define it: phases, rules, limits, prizes and what counts as
 * reproduced. No web and no models here; what must be generated or trained again is handed in.
 */
package org.syntagen.challenge;
