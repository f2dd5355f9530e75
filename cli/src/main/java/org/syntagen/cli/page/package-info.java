/** Pages that need no network: one file each, with charts as SVG or tables and pictures inside. */
package org.syntagen.cli.page;
