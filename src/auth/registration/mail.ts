/** A mail to one person, in plain text. */
export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mails. */
export interface Mailer {
  /**
   * Resolves when the mail has been handed over, which does not mean that it arrives.
   *
   * @throws {Error} if it cannot be handed over; the message may name the address, and is for the log only
   */
  send(mail: Mail): Promise<void>;
  /** Closes the connections, after the mails that are being sent. */
  close(): Promise<void>;
}

/** The part of a logger that {@link createLogMailer} needs; pino has it. */
export interface MailLog {
  info(fields: { readonly mail: Mail }, message: string): void;
}

/**
 * Creates a mailer that writes complete mails to the log, for the demo, which has no SMTP server. In production they
 * would be secrets in a log.
 */
export function createLogMailer(log: MailLog): Mailer {
  return {
    async send(mail) {
      log.info({ mail }, 'A mail, which is not sent because no SMTP server is configured');
    },
    async close() {},
  };
}
