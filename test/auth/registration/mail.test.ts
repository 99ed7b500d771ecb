import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { createLogMailer, type Mail, createSmtpMailer, smtpOptions } from '../../../src/auth/registration/mail.ts';

const mail: Mail = {
  to: 'alice@example.com',
  subject: 'Choose a new password',
  text: 'Follow this link:\n\nhttps://api.example.com/reset#rg_reset_abc\n',
};

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

const running: SMTPServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (server) => new Promise<void>((resolve) => server.close(resolve))));
});

/** A real SMTP server on a loopback port, and what it has received. */
async function startSmtp(options: SMTPServerOptions = {}): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, callback) {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      const to = envelope.rcptTo.map(({ address }) => address);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({ from, to, raw: Buffer.concat(chunks).toString() });
        callback();
      });
    },
    ...options,
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `smtp://127.0.0.1:${port}`, received };
}

describe('mails by SMTP', () => {
  const from = 'Rolegate <no-reply@example.com>';

  test('mails arrive as they were written', async () => {
    const { url, received } = await startSmtp();
    const mailer = await createSmtpMailer({ url, from });
    await mailer.send(mail);
    await mailer.close();
    expect(received).toMatchObject([{ from: 'no-reply@example.com', to: ['alice@example.com'] }]);
    expect(received[0]?.raw).toContain('From: Rolegate <no-reply@example.com>\r\n');
    expect(received[0]?.raw).toContain('Subject: Choose a new password\r\n');
    expect(received[0]?.raw).toContain('Auto-Submitted: auto-generated\r\n');
    expect(received[0]?.raw).toContain(
      '\r\n\r\nFollow this link:\r\n\r\nhttps://api.example.com/reset#rg_reset_abc\r\n',
    );
  });

  test.each([
    ['two addresses', 'alice@example.com, mallory@example.com'],
    ['two addresses, separated otherwise', 'alice@example.com;mallory@example.com'],
    ['a group', 'undisclosed: alice@example.com, mallory@example.com;'],
    ['a name and an address', 'alice <mallory@example.com>'],
    ['a second header', 'alice@example.com\r\nBcc: mallory@example.com'],
    ['a second command', 'alice@example.com>\r\nRCPT TO:<mallory@example.com'],
  ])('a mail has one recipient: %s', async (_, to) => {
    const { url, received } = await startSmtp();
    const mailer = await createSmtpMailer({ url, from });
    await mailer.send({ ...mail, to }).catch(() => {});
    await mailer.close();
    const recipients = received.flatMap((each) => each.to);
    expect(recipients.length).toBeLessThanOrEqual(1);
    expect(recipients).not.toContain('mallory@example.com');
    expect(received.map(({ raw }) => raw).join('\n')).not.toMatch(/^(?:bcc|cc):/im);
  });

  test('a mail has one subject line, whatever is in it', async () => {
    const { url, received } = await startSmtp();
    const mailer = await createSmtpMailer({ url, from });
    await mailer.send({ ...mail, subject: 'Hello\r\nBcc: mallory@example.com\r\n\r\nBody' });
    await mailer.close();
    expect(received[0]?.to).toEqual(['alice@example.com']);
    expect(received[0]?.raw).not.toMatch(/^bcc:/im);
  });

  test('the mailer logs in with the user and the password of the address', async () => {
    const logins: string[] = [];
    const { url, received } = await startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username = '', password = '' }, _, callback) {
        logins.push(`${username}:${password}`);
        callback(null, { user: username });
      },
    });
    const mailer = await createSmtpMailer({ url: url.replace('//', '//robot:p%40ss@'), from });
    await mailer.send(mail);
    await mailer.close();
    expect(logins).toEqual(['robot:p@ss']);
    expect(received).toHaveLength(1);
  });

  test('a refused mail fails, and the mailer stays usable', async () => {
    const { url, received } = await startSmtp({
      onRcptTo({ address }, _, callback) {
        callback(address.startsWith('nobody') ? new Error('no such mailbox') : null);
      },
    });
    const mailer = await createSmtpMailer({ url, from });
    await expect(mailer.send({ ...mail, to: 'nobody@example.com' })).rejects.toThrow(Error);
    await mailer.send(mail);
    await mailer.close();
    expect(received).toHaveLength(1);
  });

  test('a mail fails soon when no server listens', async () => {
    const { url } = await startSmtp();
    await Promise.all(running.splice(0).map(async (server) => new Promise<void>((resolve) => server.close(resolve))));
    const mailer = await createSmtpMailer({ url, from });
    await expect(mailer.send(mail)).rejects.toThrow(Error);
    await mailer.close();
  });

  test('many mails at once share two connections', async () => {
    const { url, received } = await startSmtp();
    const mailer = await createSmtpMailer({ url, from });
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => mailer.send({ ...mail, to: `user-${index}@example.com` })),
    );
    await mailer.close();
    expect(new Set(received.flatMap(({ to }) => to)).size).toBe(30);
  });
});

test.each([
  ['smtp://mail.example.com', true],
  ['smtp://127.example.com:25', true],
  ['smtp://localhost.example.com', true],
  ['smtps://mail.example.com:465', false],
  ['smtp://localhost:2525', false],
  ['smtp://127.0.0.1:2525', false],
  ['smtp://[::1]:2525', false],
])('for %s, STARTTLS is demanded: %s', (url, expected) => {
  expect(smtpOptions(url)).toMatchObject({ requireTLS: expected });
});

test('STARTTLS with an untrusted certificate is refused', async () => {
  const { url, received } = await startSmtp({ disabledCommands: [], logger: false });
  const mailer = await createSmtpMailer({ url, from: 'no-reply@example.com' });
  await expect(mailer.send(mail)).rejects.toThrow(/certificate/);
  await mailer.close();
  expect(received).toEqual([]);
});

test('the log mailer writes mails to the log', async () => {
  const lines: { fields: unknown; message: string }[] = [];
  const mailer = createLogMailer({ info: (fields, message) => lines.push({ fields, message }) });
  await mailer.send(mail);
  await mailer.close();
  expect(lines).toEqual([{ fields: { mail }, message: expect.stringContaining('not sent') }]);
});
