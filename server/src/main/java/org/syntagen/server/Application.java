package org.syntagen.server;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Where Spring starts to look for the server's parts. */
@SpringBootApplication
@EnableScheduling
class Application {}
