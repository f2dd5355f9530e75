/** Who stands where: the boards of {@code challenge}, from what tables hold. */
package org.syntagen.server.board;
