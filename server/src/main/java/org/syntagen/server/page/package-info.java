/** What all pages have in common. */
package org.syntagen.server.page;
