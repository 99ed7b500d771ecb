import type { SMTPPoolOptions } from 'nodemailer';

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

const SECOND = 1000;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The SMTP server, and the sender of the mails. */
export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://…` for STARTTLS. */
  readonly url: string;
  /** `name@host` or `Name <name@host>`. */
  readonly from: string;
}

/** Creates a mailer that submits mails to an SMTP server (RFC 6409), over at most two persistent connections. */
export async function createSmtpMailer({ url, from }: SmtpOptions): Promise<Mailer> {
  // Loaded here: most processes that know the type of a mailer send no mail by SMTP.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(smtpOptions(url), { from });
  return {
    async send({ to, subject, text }) {
      // An address object: a text would be read as a list of addresses.
      const recipient = { name: '', address: to };
      // RFC 3834: automatic responders do not answer.
      const headers = { 'Auto-Submitted': 'auto-generated' };
      await transport.sendMail({ to: recipient, subject, text, headers });
    },
    async close() {
      transport.close();
    },
  };
}

/**
 * Returns the options of the connection: TLS is required unless the server is on this machine, and timeouts are short.
 * Mails cannot make nodemailer read files or URLs.
 */
export function smtpOptions(url: string): SMTPPoolOptions & { pool: true } {
  const { protocol, hostname } = new URL(url);
  return {
    url,
    pool: true,
    maxConnections: 2,
    requireTLS: protocol === 'smtp:' && !LOOPBACK.test(hostname),
    connectionTimeout: 5 * SECOND,
    greetingTimeout: 5 * SECOND,
    socketTimeout: 20 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
