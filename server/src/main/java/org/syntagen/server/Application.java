package org.syntagen.server;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Where Spring starts to look for the server's parts. */
@SpringBootApplication
class Application {}
