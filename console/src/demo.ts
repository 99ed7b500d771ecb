/** A user of the demo, with a password that the page shows. */
export interface DemoLogin {
  readonly username: string;
  readonly password: string;
  readonly role: string;
}

/** The demo's users, which the server writes into the page; empty outside of the demo. */
export const demoLogins: readonly DemoLogin[] = readLogins();

function readLogins(): readonly DemoLogin[] {
  const content = document.querySelector<HTMLMetaElement>('meta[name="rolegate-logins"]')?.content ?? '[]';
  return content.startsWith('[') ? (JSON.parse(content) as readonly DemoLogin[]) : [];
}
