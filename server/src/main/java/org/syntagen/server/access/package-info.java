/** Who may do what: {@link org.syntagen.server.access.AccessRules} is the one place for it. */
package org.syntagen.server.access;
