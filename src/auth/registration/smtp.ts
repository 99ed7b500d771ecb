import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import type { Mailer } from './mail.ts';

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
export function createSmtpMailer({ url, from }: SmtpOptions): Mailer {
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
