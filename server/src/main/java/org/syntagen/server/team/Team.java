package org.syntagen.server.team;

import java.time.Instant;
import java.util.UUID;

/** A team, the unit that submits and is ranked. */
public record Team(UUID id, String name, Instant created) {}
